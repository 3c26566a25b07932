// Drives the dashboard by the names of what is shown: what a person's hands do, written down.
//
//   key SPACE | click PATH | drag PATH FROM TO | wheel PATH LINES | wait FRAMES
//   expect PATH VALUE | expect-not PATH VALUE | absent PATH | screenshot FILE | quit
//
// One command a line, '#' begins a comment. FROM and TO are shares of the item's width. Commands
// run one after the other, each after what the one before it pushed has been taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "viz/app/input_queue.h"
#include "viz/panels/shown.h"

namespace tally::viz {

class Script {
 public:
  static absl::StatusOr<Script> Parse(std::string_view text);

  // Called before each frame with what the last one showed. Pushes input; an error is an
  // expectation that did not hold, with its line.
  absl::Status Step(const Shown& shown, InputQueue* input);

  bool done() const { return at_ == lines_.size() || quit_; }
  bool quit() const { return quit_; }
  // A picture that the script asked for after the last frame; empty if none. Asking clears it.
  std::string TakeScreenshot();

 private:
  struct Line {
    int number;
    std::vector<std::string> words;
  };

  absl::Status Run(const Line& line, const Shown& shown, InputQueue* input);
  absl::Status Click(const Line& line, const Shown& shown, InputQueue* input);
  absl::Status Drag(const Line& line, const Shown& shown, InputQueue* input);

  std::vector<Line> lines_;
  size_t at_ = 0;
  int wait_ = 0;
  bool quit_ = false;
  std::string screenshot_;
};

}  // namespace tally::viz
