#include "numa/confinement.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tally {
namespace {

constexpr int kSeconds = 20;
constexpr rlim_t kExtraBytes = rlim_t{1} << 30;

// The address space in use now, in bytes; 0 if unknown.
rlim_t AddressSpace() {
  unsigned long long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%llu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void Limit(int resource, rlim_t value) {
  struct rlimit limit;
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(value, limit.rlim_max);
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// In the child: no noise, no core file, no handlers of the program, no endless loop. Returns where
// stderr goes, or -1.
int Confine() {
  for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU}) {
    std::signal(signal, SIG_DFL);
  }
  if (const int null = open("/dev/null", O_RDWR); null >= 0) {
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
  }
  const int complaints = memfd_create("complaints", MFD_CLOEXEC);
  if (complaints >= 0) dup2(complaints, STDERR_FILENO);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_CPU, kSeconds);
  // Relative to what is in use: a sanitizer's shadow is counted as well.
  if (const rlim_t now = AddressSpace(); now > 0) Limit(RLIMIT_AS, now + kExtraBytes);
  return complaints;
}

void WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
}

// What the child writes: this, and then the result or message.
struct Head {
  uint64_t bytes = 0;  // that follow
  int32_t code = 0;    // of the status
  int32_t complained = 0;
};

bool IsComplete(const std::string& answer, Head& head) {
  if (answer.size() < sizeof head) return false;
  std::memcpy(&head, answer.data(), sizeof head);
  return answer.size() - sizeof head >= head.bytes;
}

// The child's answer; empty if it died or took too long. Not "until the pipe is closed": a process
// that another thread forked meanwhile may hold it open.
std::string ReadAnswer(int fd) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(kSeconds);
  std::string answer;
  Head head;
  while (!IsComplete(answer, head)) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    struct pollfd ready = {fd, POLLIN, 0};
    const int polled = left > 0 ? poll(&ready, 1, static_cast<int>(left)) : 0;
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return "";
    char chunk[4096];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return "";
    answer.append(chunk, static_cast<size_t>(got));
  }
  return answer;
}

}  // namespace

absl::StatusOr<Confined> RunConfined(const std::function<absl::StatusOr<std::string>()>& act) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe");
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return absl::UnavailableError("no child process");
  }
  if (child == 0) {
    close(ends[0]);
    const int complaints = Confine();
    const absl::StatusOr<std::string> result = act();
    std::fflush(stderr);
    const absl::string_view said = result.ok() ? *result : result.status().message();
    Head head;
    head.bytes = said.size();
    head.code = static_cast<int32_t>(result.status().code());
    head.complained = complaints >= 0 && lseek(complaints, 0, SEEK_END) > 0;
    WriteAll(ends[1], absl::string_view(reinterpret_cast<const char*>(&head), sizeof head));
    WriteAll(ends[1], said);
    _exit(0);  // not exit(): the parent's atexit handlers are none of the child's business
  }
  close(ends[1]);
  const std::string answer = ReadAnswer(ends[0]);
  close(ends[0]);
  if (answer.empty()) kill(child, SIGKILL);
  // The answer came by the pipe: it does not matter if the program reaps its children itself.
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  Head head;
  if (!IsComplete(answer, head)) return absl::AbortedError("it crashed or took too long");
  const std::string said = answer.substr(sizeof head, head.bytes);
  const auto code = static_cast<absl::StatusCode>(head.code);
  if (code != absl::StatusCode::kOk) return absl::Status(code, said);
  return Confined{said, head.complained != 0};
}

}  // namespace tally
