#include "tests/gui/x_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace tally {

XServer::XServer() {
  constexpr const char* kXvfb = "/usr/bin/Xvfb";
  if (access(kXvfb, X_OK) != 0) {
    ADD_FAILURE() << "Xvfb is missing: run ./tally once, or sudo apt-get install xvfb";
    return;
  }
  // The server chooses a free display itself and writes its number: no race for one.
  int number[2];
  if (pipe(number) != 0) return;
  child_ = fork();
  if (child_ == 0) {
    close(number[0]);
    const std::string fd = std::to_string(number[1]);
    execl(kXvfb, kXvfb, "-displayfd", fd.c_str(), "-screen", "0", "1400x900x24", "-nolisten", "tcp",
          "-noreset", nullptr);
    _exit(127);
  }
  close(number[1]);
  // Up to the end of the line: the server dies if it cannot write all of it.
  std::string text;
  pollfd ready{.fd = number[0], .events = POLLIN, .revents = 0};
  char byte = 0;
  while (poll(&ready, 1, 30'000) == 1 && read(number[0], &byte, 1) == 1 && byte != '\n') {
    text += byte;
  }
  if (byte == '\n' && !text.empty()) {
    display_ = ":" + text;
  } else {
    ADD_FAILURE() << "Xvfb did not start";
  }
  close(number[0]);
}

XServer::~XServer() {
  if (child_ <= 0) return;
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

}  // namespace tally
