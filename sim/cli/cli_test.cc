// The program as people type it: what it prints, where, and how it exits.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "numa/topology.h"

namespace tally::cli {
namespace {

using nlohmann::json;

constexpr char kMachine[] = "--topology=\"package:2 numa:1 core:8 pu:1\"";

std::string ReadAll(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string InTemp(const std::string& name) { return absl::StrCat(testing::TempDir(), "/", name); }

struct Result {
  int exit_code = -1;
  std::string out;
  std::string err;
};

Result Tally(const std::string& words) {
  const std::string out = InTemp("out"), err = InTemp("err");
  const std::string command =
      absl::StrCat("sim/cli/tally ", words, " >", out, " 2>", err, " </dev/null");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadAll(out), ReadAll(err)};
}

json Json(const std::string& words) {
  const Result result = Tally(words + " --json");
  EXPECT_EQ(result.exit_code, 0) << words << ": " << result.err;
  // Who places memory on a machine with one node is told so.
  if (result.err != absl::StrCat("tally: ", kOneNode, "\n")) {
    EXPECT_EQ(result.err, "") << words;
  }
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1) << "one object, one line";
  return json::parse(result.out);
}

TEST(CliTest, AWrongCommandLineGetsOneSentenceAndExitCode2) {
  const std::string picture = InTemp("picture.png");
  std::ofstream(picture) << "\x89PNG not a recording";
  const struct {
    std::string words;
    std::string says;  // what to type instead
  } kRows[] = {
      {"runn nqueens", "did you mean run?"},
      {"explore", "use one of topo, run, sim, replay, stats"},
      {"--bogus", "use one of topo"},
      {"run", "needs a WORKLOAD: fib, nqueens"},
      {"run nqueens nqueens", "type tally run WORKLOAD"},
      {"run nqeens", "did you mean nqueens?"},
      {"sim cholesky", "use one of fib, nqueens"},
      {"run nqueens --siez=9", "did you mean --size?"},
      {"topo --workers=4", "it takes --topology=SPEC"},
      {"run nqueens --workers=0", "from 1 to 4096"},
      {"run nqueens --workers=-3", "from 1 to 4096"},
      {"run nqueens --workers=x", "from 1 to 4096"},
      {"run nqueens --workers=100000", "from 1 to 4096"},
      {"sim nqueens --workers=0", "from 1 to 4096"},
      {"sim nqueens --workers=-3", "from 1 to 4096"},
      {"sim nqueens --workers=x", "from 1 to 4096"},
      {"sim nqueens --workers=100000", "from 1 to 4096"},
      {"sim nqueens --workers=1e3", "from 1 to 4096"},
      {"run nqueens --workers", "type --workers=N"},
      {"run nqueens --json=yes", "type --json"},
      {"run nqueens --size=15", "use 1 to 14"},
      {"run nqueens --size=99999999999999999999", "from 1 to 14"},
      {"run fib --size=many", "try --size="},
      {"sim fib --seed=-1", "try --seed=7"},
      {"sim fib --placement=random", "compact"},
      {"run fib --bind=numa", "try --bind=l3"},
      {"sim fib --placement=list:", "list:0,2,4-7"},
      {"sim fib --topology=pu:4 --placement=list:3,9", "list: with some of 0-3"},
      {"sim fib --topology=nonsense:3", "live"},
      {"sim fib --topology=no/such/file.xml", "live"},
      {"topo --topology=\"\"", "type --topology=SPEC"},
      {"run fib --record=/no/such/directory/a.tally", "no such directory"},
      {"sim fib --record=/", "add a file name"},
      {"replay", "needs a FILE"},
      {"replay /no/such/file.tally", "/no/such/file.tally"},
      {"replay " + picture, "is not a Tally recording"},
      {"stats " + picture, "is not a Tally recording"},
  };
  for (const auto& row : kRows) {
    const Result result = Tally(row.words);
    EXPECT_EQ(result.exit_code, 2) << row.words;
    EXPECT_EQ(result.out, "") << row.words;
    EXPECT_TRUE(absl::StrContains(result.err, row.says)) << row.words << "\n" << result.err;
    EXPECT_TRUE(absl::StartsWith(result.err, "tally: ")) << row.words << "\n" << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << row.words << "\n"
                                                                         << result.err;
  }
}

TEST(CliTest, EveryCommandExplainsItself) {
  for (const char* command : {"topo", "run", "sim", "replay", "stats"}) {
    const Result result = Tally(absl::StrCat(command, " --help"));
    EXPECT_EQ(result.exit_code, 0) << command;
    EXPECT_TRUE(absl::StrContains(result.out, absl::StrCat("tally ", command))) << result.out;
    EXPECT_TRUE(absl::StrContains(result.out, "--json")) << result.out;
    EXPECT_TRUE(absl::StrContains(Tally("help").out, command));
    EXPECT_EQ(Tally(absl::StrCat("help ", command)).out, result.out);
  }
  EXPECT_TRUE(absl::StartsWith(Tally("--version").out, "tally "));
}

TEST(CliTest, ASimulationIsTheSameEveryTimeAndAnotherWithAnotherSeed) {
  const std::string words = absl::StrCat("sim nqueens --size=7 --workers=16 ", kMachine);
  const Result first = Tally(words + " --seed=7 --json");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, Tally(words + " --seed=7 --json").out);
  EXPECT_NE(json::parse(first.out)["fingerprint"], Json(words + " --seed=8")["fingerprint"]);
}

// On two milliseconds of work, of which waking 15 sleepers takes its part.
TEST(CliTest, SixteenWorkersAreTenTimesFasterThanOne) {
  const std::string words = absl::StrCat("sim nqueens --size=9 --seed=7 ", kMachine, " --workers=");
  const uint64_t one = Json(words + "1")["makespan_ns"];
  const uint64_t sixteen = Json(words + "16")["makespan_ns"];
  EXPECT_GE(one, 10 * sixteen) << one << " ns and " << sixteen << " ns";
}

TEST(CliTest, JsonHasTheKeysThatScriptsRelyOn) {
  const json run = Json(absl::StrCat("sim stream --size=8 --workers=4 ", kMachine));
  for (const char* key : {"workload", "workers", "topology", "seed", "tasks", "makespan_ns",
                          "work_ns", "span_ns", "steals", "cross_node_accesses", "cross_node_bytes",
                          "cross_node_source", "parks", "wakes", "fingerprint"}) {
    EXPECT_TRUE(run.contains(key)) << key;
  }
  EXPECT_EQ(run["fingerprint"].get<std::string>().size(), 16u);
  EXPECT_EQ(run["workload"], "stream");
  EXPECT_EQ(run["tasks"], 1 + 5 * 8);
}

TEST(CliTest, AStreamSaysWhichPagesWereUsedOnTheirNode) {
  const uint64_t pages = 8 * 64 * 4;  // blocks, pages in each, rounds
  for (const std::string world : {"run", "sim"}) {
    const json run = Json(world + " stream --size=8 --workers=4");
    for (const char* key : {"pages_local", "pages_remote", "pages_unknown", "pages_source"}) {
      ASSERT_TRUE(run.contains(key)) << key;
    }
    EXPECT_EQ(run["pages_local"].get<uint64_t>() + run["pages_remote"].get<uint64_t>() +
                  run["pages_unknown"].get<uint64_t>(),
              pages);
  }
  EXPECT_TRUE(Json("run fib --size=10 --workers=1")["pages_local"].is_null());
  const json placed = Json(absl::StrCat("sim stream --size=64 --workers=16 ", kMachine));
  const json not_placed =
      Json(absl::StrCat("sim stream-unplaced --size=64 --workers=16 ", kMachine));
  EXPECT_GT(placed["pages_local"], not_placed["pages_local"]);
  EXPECT_NE(Tally(absl::StrCat("sim stream --size=8 --workers=4 ", kMachine)).out.find("% local"),
            std::string::npos);
}

TEST(CliTest, ARunItsRecordingAndItsReplayHaveOneFingerprint) {
  for (const std::string world : {"run", "sim"}) {
    const std::string file = InTemp(world + ".tally");
    const json run = Json(absl::StrCat(world, " nqueens --size=6 --workers=2 --record=", file));
    const json replayed = Json("replay " + file);
    EXPECT_EQ(replayed["fingerprint"], run["fingerprint"]);
    EXPECT_EQ(replayed["violations"], 0);
    EXPECT_EQ(Json("replay " + file), replayed) << "twice";
    const json stats = Json("stats " + file);
    for (const char* key : {"fingerprint", "tasks", "makespan_ns", "steals", "workload", "size"}) {
      EXPECT_EQ(stats[key], run[key]) << key;
    }
  }
}

TEST(CliTest, TheEnvironmentCanAskForTheRecordingToo) {
  const std::string file = InTemp("environment.tally");
  setenv("TALLY_RECORD", file.c_str(), 1);
  const json run = Json("run nqueens --size=6 --workers=2");
  setenv("TALLY_RECORD", "/no/such/directory/a.tally", 1);
  const Result refused = Tally("run nqueens --size=6");
  unsetenv("TALLY_RECORD");
  EXPECT_EQ(Json("replay " + file)["fingerprint"], run["fingerprint"]);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("no such directory"), std::string::npos) << refused.err;
}

TEST(CliTest, ATruncatedRecordingIsReadAsFarAsItGoes) {
  const std::string whole = InTemp("whole.tally"), cut = InTemp("cut.tally");
  Json(absl::StrCat("sim nqueens --size=7 --workers=4 --record=", whole));
  const std::string bytes = ReadAll(whole);
  std::ofstream(cut) << bytes.substr(0, bytes.size() * 2 / 3);

  const Result stats = Tally("stats --json " + cut);
  EXPECT_EQ(stats.exit_code, 0);
  EXPECT_GT(json::parse(stats.out)["events"], 0);
  EXPECT_EQ(json::parse(stats.out)["loss"]["sealed"], false);
  EXPECT_NE(stats.err, "") << "the loss is stated";
  EXPECT_EQ(Tally("replay " + cut).exit_code, 1);
}

TEST(CliTest, AnInterruptedRunLeavesAReadableFile) {
  const std::string file = InTemp("interrupted.tally");
  const pid_t child = fork();
  if (child == 0) {
    const std::string record = "--record=" + file;
    if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
    execl("sim/cli/tally", "tally", "run", "uneven", "--size=1000000", "--workers=2",
          record.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 1000 && ReadAll(file).size() < 1000; ++i) usleep(10'000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
  const Result stats = Tally("stats --json " + file);
  EXPECT_EQ(stats.exit_code, 0) << stats.err;
  EXPECT_EQ(json::parse(stats.out)["workload"], "uneven");
}

TEST(CliTest, PeopleGetBars) {
  const Result result = Tally(absl::StrCat("sim uneven --size=200 --workers=16 ", kMachine));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "█")) << result.out;
  EXPECT_TRUE(absl::StrContains(result.out, "makespan")) << result.out;
  const Result crowd = Tally("sim uneven --size=200 --topology=\"package:2 numa:1 core:64 pu:1\"");
  EXPECT_EQ(std::count(crowd.out.begin(), crowd.out.end(), '\n'), 16) << "a bar per node\n"
                                                                      << crowd.out;
}

TEST(CliTest, TheMachineCanBeImagined) {
  const json topology = Json(absl::StrCat("topo ", kMachine));
  EXPECT_EQ(topology["pus"], 16);
  EXPECT_EQ(topology["nodes"], 2);
  EXPECT_EQ(Tally("topo").exit_code, 0);
}

}  // namespace
}  // namespace tally::cli
