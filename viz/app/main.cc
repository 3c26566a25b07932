// The dashboard: watch a scheduler at work, live or from a recording.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "viz/app/demo_source.h"
#include "viz/app/options.h"
#include "viz/app/run.h"
#include "viz/app/summary.h"
#include "viz/app/window.h"

namespace tally::viz {

void Complain(const std::string& sentence) {
  std::fprintf(stderr, "dashboard: %s\n", sentence.c_str());
}

void ComplainOfLoss(const Source& source) {
  if (source.recording() == nullptr) return;
  const std::string words = source.recording()->loss.InWords();
  if (!words.empty()) Complain(words);
}

namespace {

constexpr const char* kVersion = "tally dashboard 0.1";
constexpr double kHeadlessDemoSeconds = 1.5;

int RunDemo(Options options, const std::string& why_headless) {
  const bool headless = !why_headless.empty() || !options.screenshot.empty() || options.dump_state;
  std::unique_ptr<Window> window;
  std::string why = why_headless;
  if (!headless || (options.dump_state && !options.script.empty() && why.empty())) {
    absl::StatusOr<std::unique_ptr<Window>> opened =
        Window::Open(options.width, options.height, "Tally demo");
    if (opened.ok()) {
      window = *std::move(opened);
    } else {
      why = std::string(opened.status().message());
    }
  }
  if (window == nullptr && options.screenshot.empty()) {
    if (!why.empty()) {
      Complain(absl::StrCat("there is no display (", why,
                            "), so the demo runs without a window and its picture goes to "
                            "tally-demo.png"));
    }
    options.screenshot = "tally-demo.png";
  }
  absl::StatusOr<std::unique_ptr<Source>> demo =
      StartDemo({.seconds = window == nullptr ? kHeadlessDemoSeconds : DemoOptions().seconds});
  if (!demo.ok()) {
    Complain(std::string(demo.status().message()));
    return 1;
  }
  if (window != nullptr) return RunInWindow(options, demo->get(), std::move(window));
  const int code = RunHeadless(options, demo->get());
  if (code == 0 && !options.dump_state) {
    std::fputs(Summary(*(*demo)->recording(), options.screenshot).c_str(), stdout);
  }
  return code;
}

int RunFile(const Options& options) {
  absl::StatusOr<std::unique_ptr<Source>> source = OpenFile(options.file);
  if (!source.ok()) {
    Complain(std::string(source.status().message()));
    return 2;
  }
  if (!options.screenshot.empty() || (options.dump_state && options.script.empty())) {
    return RunHeadless(options, source->get());
  }
  absl::StatusOr<std::unique_ptr<Window>> window =
      Window::Open(options.width, options.height, absl::StrCat("Tally: ", options.file).c_str());
  if (!window.ok()) {
    Complain(absl::StrCat("there is no display (", std::string(window.status().message()),
                          "): type --screenshot=OUT.png for a picture instead"));
    return 1;
  }
  ComplainOfLoss(**source);
  return RunInWindow(options, source->get(), *std::move(window));
}

int Main(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Options> options = ParseOptions(arguments);
  if (!options.ok()) {
    Complain(std::string(options.status().message()));
    return 2;
  }
  if (options->help) {
    std::fputs(HelpText().c_str(), stdout);
    return 0;
  }
  if (options->version) {
    std::printf("%s\n", kVersion);
    return 0;
  }
  return options->demo ? RunDemo(*options, NoDisplay()) : RunFile(*options);
}

}  // namespace
}  // namespace tally::viz

int main(int argc, char** argv) {
  return tally::viz::Main(std::vector<std::string>(argv + 1, argv + argc));
}
