#include "sim/cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace tally::cli {

using std::chrono::milliseconds;

ProgressLine::ProgressLine()
    : on_(isatty(STDERR_FILENO) == 1), next_(Clock::now() + milliseconds(1000)) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::Show(const std::function<std::string()>& text) {
  if (!on_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + milliseconds(500);
  shown_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", text().c_str());
  std::fflush(stderr);
}

ProgressThread::ProgressThread(std::function<std::string()> text) : text_(std::move(text)) {
  if (isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { Run(); });
}

ProgressThread::~ProgressThread() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  over_changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ProgressThread::Run() {
  ProgressLine line;
  std::unique_lock lock(mutex_);
  while (!over_changed_.wait_for(lock, milliseconds(100), [this] { return over_; })) {
    line.Show(text_);
  }
}

}  // namespace tally::cli
