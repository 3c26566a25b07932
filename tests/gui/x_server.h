// An X server of one's own, without a screen.
#pragma once

#include <sys/types.h>

#include <string>

namespace tally {

class XServer {
 public:
  // Starts Xvfb on a display that is free; fails the test if there is none to start.
  XServer();
  ~XServer();
  XServer(const XServer&) = delete;
  XServer& operator=(const XServer&) = delete;

  // ":7"; empty if it did not start.
  const std::string& display() const { return display_; }

 private:
  pid_t child_ = -1;
  std::string display_;
};

}  // namespace tally
