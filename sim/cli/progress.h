// A line on stderr that says how far a long run is. Only on a terminal, and only after a second.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tally::cli {

// Rewrites one line of the terminal, at most twice a second, and wipes it at the end.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Calls `text` only if it is time to show something.
  void Show(const std::function<std::string()>& text);

 private:
  using Clock = std::chrono::steady_clock;
  const bool on_;
  Clock::time_point next_;
  bool shown_ = false;
};

// Shows `text()` from a thread of its own for as long as it lives.
class ProgressThread {
 public:
  explicit ProgressThread(std::function<std::string()> text);
  ~ProgressThread();
  ProgressThread(const ProgressThread&) = delete;
  ProgressThread& operator=(const ProgressThread&) = delete;

 private:
  void Run();

  const std::function<std::string()> text_;
  std::mutex mutex_;
  std::condition_variable over_changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace tally::cli
