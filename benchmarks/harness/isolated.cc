#include "benchmarks/harness/isolated.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks {
namespace {

// The pipe carries a status code, then the values or the message.
std::string Pack(const Measured& measured) {
  const int code = measured.status().raw_code();
  std::string bytes(reinterpret_cast<const char*>(&code), sizeof code);
  if (measured.ok()) {
    bytes.append(reinterpret_cast<const char*>(measured->data()),
                 measured->size() * sizeof(double));
  } else {
    absl::StrAppend(&bytes, measured.status().message());
  }
  return bytes;
}

Measured Unpack(const std::string& bytes, size_t values) {
  int code = 0;
  if (bytes.size() < sizeof code) return absl::InternalError("it died without an answer");
  std::memcpy(&code, bytes.data(), sizeof code);
  const std::string rest = bytes.substr(sizeof code);
  if (code != 0) return absl::Status(static_cast<absl::StatusCode>(code), rest);
  if (rest.size() != values * sizeof(double)) {
    return absl::InternalError(absl::StrCat("it gave ", rest.size() / sizeof(double),
                                            " values where ", values, " were asked for"));
  }
  std::vector<double> numbers(values);
  std::memcpy(numbers.data(), rest.data(), rest.size());
  return numbers;
}

[[noreturn]] void Answer(int pipe, const std::function<Measured()>& measure) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read the answer
  Measured measured = absl::InternalError("nothing was measured");
  try {
    measured = measure();
  } catch (const std::exception& thrown) {
    measured = absl::InternalError(absl::StrCat("it threw: ", thrown.what()));
  }
  const std::string bytes = Pack(measured);
  const bool written = write(pipe, bytes.data(), bytes.size()) >= 0;
  // Not exit(): a peer's threads may still run, and what they use must not be destroyed.
  _exit(written ? 0 : 1);
}

// Everything until the child closes its end, or false once the deadline has passed.
bool ReadAll(int pipe, int64_t deadline, std::string* bytes) {
  char piece[4096];
  while (true) {
    const int64_t left_ms = (deadline - NowNanos()) / 1'000'000;
    pollfd readable{.fd = pipe, .events = POLLIN, .revents = 0};
    if (left_ms <= 0) return false;
    if (poll(&readable, 1, static_cast<int>(left_ms)) <= 0) continue;
    const ssize_t count = read(pipe, piece, sizeof piece);
    if (count > 0) bytes->append(piece, static_cast<size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) return true;
  }
}

}  // namespace

Measured MeasureIsolated(const std::function<Measured()>& measure, size_t values, double limit_s) {
  int ends[2];
  if (pipe(ends) != 0) return absl::ResourceExhaustedError("no pipe for a child process");
  std::fflush(nullptr);  // or the child would have what is buffered, too
  const int64_t deadline = NowNanos() + static_cast<int64_t>(limit_s * 1e9);
  const pid_t child = fork();
  if (child < 0) return absl::ResourceExhaustedError("no child process could be started");
  if (child == 0) {
    close(ends[0]);
    Answer(ends[1], measure);
  }
  close(ends[1]);
  std::string bytes;
  const bool in_time = ReadAll(ends[0], deadline, &bytes);
  close(ends[0]);
  if (!in_time) kill(child, SIGKILL);
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    return absl::DeadlineExceededError(absl::StrCat("it took more than ", limit_s, " s"));
  }
  if (WIFSIGNALED(ended)) {
    return absl::InternalError(absl::StrCat("it died: ", strsignal(WTERMSIG(ended))));
  }
  return Unpack(bytes, values);
}

}  // namespace tally::benchmarks
