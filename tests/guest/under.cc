// under CONDITION... -- COMMAND...: runs a command on a machine made worse, and mends it
// afterwards.
//
//   seccomp         the calls that Docker's default filter refuses fail with EPERM
//   no-affinity     sched_setaffinity fails with EPERM, as in some sandboxes
//   affinity=CPUS   only these CPUs in the affinity mask (taskset)
//   cpuset=CPUS/MEMS  in a cgroup with these CPUs and this memory
//   quota=PERCENT   in a cgroup that gets so much of one CPU
//   offline=CPUS    these CPUs are taken offline
//   balancing       the kernel moves pages to those who use them
//
// Exits as the command does; 128 + the signal that killed it; 125 if a condition cannot be made.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/guest/kernel_view.h"

namespace tally::guest {
namespace {

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "WRONG under: %s: %s\n", what.c_str(), strerror(errno));
  std::exit(125);
}

// The calls fail with EPERM from here on.
void Refuse(const std::vector<int>& calls) {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int number : calls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) Die("no_new_privs");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) Die("seccomp");
}

struct Conditions {
  bool seccomp = false, no_affinity = false, balancing = false;
  std::string affinity, cpus, mems, quota, offline;
  bool in_cgroup() const { return !cpus.empty() || !quota.empty(); }
};

const char* const kGroup = "/sys/fs/cgroup/under";
const char* const kBalancing = "/proc/sys/kernel/numa_balancing";

bool SetOnline(const std::string& cpus, const char* online) {
  bool done = true;
  for (const int cpu : ParseSet(cpus)) {
    done &= WriteLine("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/online", online);
  }
  return done;
}

Conditions Parse(const std::vector<std::string>& words) {
  Conditions conditions;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    errno = EINVAL;
    if (name == "seccomp") {
      conditions.seccomp = true;
    } else if (name == "no-affinity") {
      conditions.no_affinity = true;
    } else if (name == "balancing") {
      conditions.balancing = true;
    } else if (name == "affinity") {
      conditions.affinity = value;
    } else if (name == "cpuset") {
      conditions.cpus = value.substr(0, value.find('/'));
      conditions.mems = value.substr(value.find('/') + 1);
    } else if (name == "quota") {
      conditions.quota = value;
    } else if (name == "offline") {
      conditions.offline = value;
    } else {
      Die("no such condition, " + word);
    }
  }
  return conditions;
}

// The machine's part; the child's own part is in Become().
void Make(const Conditions& conditions) {
  if (!SetOnline(conditions.offline, "0")) Die("a CPU stays online of " + conditions.offline);
  if (conditions.balancing && !WriteLine(kBalancing, "1")) Die("numa_balancing");
  if (!conditions.in_cgroup()) return;
  const std::string group = kGroup;
  if (mkdir(kGroup, 0755) != 0) Die(group);
  if (!conditions.cpus.empty() && !(WriteLine(group + "/cpuset.cpus", conditions.cpus) &&
                                    WriteLine(group + "/cpuset.mems", conditions.mems))) {
    Die("cpuset " + conditions.cpus + "/" + conditions.mems);
  }
  if (!conditions.quota.empty() &&
      !WriteLine(group + "/cpu.max", conditions.quota + "000 100000")) {
    Die("cpu.max");
  }
}

void Unmake(const Conditions& conditions) {
  if (conditions.in_cgroup() && rmdir(kGroup) != 0) Die("the cgroup stays");
  if (conditions.balancing && !WriteLine(kBalancing, "0")) Die("numa_balancing");
  if (!SetOnline(conditions.offline, "1")) Die("a CPU stays offline");
}

void Become(const Conditions& conditions, char** command) {
  if (conditions.in_cgroup() &&
      !WriteLine(std::string(kGroup) + "/cgroup.procs", std::to_string(getpid()))) {
    Die("cgroup.procs");
  }
  if (!conditions.affinity.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : ParseSet(conditions.affinity)) CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) Die("affinity");
  }
  if (conditions.no_affinity) Refuse({SYS_sched_setaffinity});
  if (conditions.seccomp) {
    // As https://docs.docker.com/engine/security/seccomp/ lists them.
    constexpr int kSetMempolicyHomeNode = 450;
    Refuse({SYS_mbind, SYS_set_mempolicy, SYS_get_mempolicy, SYS_move_pages, SYS_migrate_pages,
            SYS_perf_event_open, kSetMempolicyHomeNode});
  }
  execvp(command[0], command);
  Die(command[0]);
}

int Main(int argc, char** argv) {
  std::vector<std::string> words;
  int i = 1;
  for (; i < argc && std::string(argv[i]) != "--"; ++i) words.push_back(argv[i]);
  errno = EINVAL;
  if (i + 1 >= argc) Die("no command");
  const Conditions conditions = Parse(words);
  Make(conditions);
  const pid_t child = fork();
  if (child == 0) Become(conditions, argv + i + 1);
  int status = 0;
  waitpid(child, &status, 0);
  Unmake(conditions);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace
}  // namespace tally::guest

int main(int argc, char** argv) { return tally::guest::Main(argc, argv); }
