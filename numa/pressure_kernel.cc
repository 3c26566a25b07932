#include "numa/pressure_kernel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace tally {
namespace {

// Reading a file from its begin also tells the kernel that its changes so far are known.
std::optional<std::string> ReadAll(int file) {
  std::string text;
  char buffer[4096];
  for (off_t at = 0;;) {
    const ssize_t count = pread(file, buffer, sizeof buffer, at);
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer, static_cast<size_t>(count));
    at += count;
  }
}

}  // namespace

RealPressureKernel::RealPressureKernel() : interrupt_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

RealPressureKernel::~RealPressureKernel() {
  if (interrupt_ >= 0) close(interrupt_);
}

Nanos RealPressureKernel::Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanos{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::optional<std::string> RealPressureKernel::Read(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::optional<std::string> text = ReadAll(file);
  close(file);
  return text;
}

int RealPressureKernel::Watch(const std::string& path, const std::string& trigger) {
  const int mode = trigger.empty() ? O_RDONLY : O_RDWR;
  const int file = open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return -errno;
  if (trigger.empty()) {
    ReadAll(file);
  } else if (write(file, trigger.c_str(), trigger.size() + 1) < 0) {
    const int error = errno;
    close(file);
    return -error;
  }
  return file;
}

void RealPressureKernel::Unwatch(int handle) { close(handle); }

int RealPressureKernel::Wait(std::span<const int> handles, Nanos timeout) {
  std::vector<pollfd> polled = {{.fd = interrupt_, .events = POLLIN, .revents = 0}};
  for (const int handle : handles)
    polled.push_back({.fd = handle, .events = POLLPRI, .revents = 0});
  constexpr Nanos kMost = Nanos{1'000'000'000} * 1'000'000;
  const int millis = timeout < 0 ? -1 : static_cast<int>(std::min(timeout, kMost) / 1'000'000 + 1);
  if (poll(polled.data(), polled.size(), millis) <= 0) return -1;
  if (polled[0].revents != 0) {
    uint64_t count = 0;
    if (read(interrupt_, &count, sizeof count) < 0) return -1;
    return -1;
  }
  for (size_t i = 1; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    ReadAll(polled[i].fd);  // now, so that no later change is lost
    return polled[i].fd;
  }
  return -1;
}

void RealPressureKernel::Interrupt() {
  const uint64_t one = 1;
  // It cannot be full.
  if (write(interrupt_, &one, sizeof one) < 0) return;
}

}  // namespace tally
