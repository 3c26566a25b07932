#include <chrono>
#include <cstdio>

#include "viz/app/png.h"
#include "viz/app/renderer.h"
#include "viz/app/run.h"
#include "viz/app/script_file.h"
#include "viz/app/stage.h"
#include "viz/app/state_dump.h"

namespace tally::viz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kFrame = 1.0 / 60;
constexpr double kLiveFrame = 1.0 / 30;  // the scheduler being watched wants the CPU, too
constexpr double kIdle = 0.5;
constexpr int kSettleFrames = 3;

class WindowRun {
 public:
  WindowRun(const Options& options, Source* source, std::unique_ptr<Window> window)
      : options_(options), source_(source), window_(std::move(window)) {
    window_->Size(&width_, &height_);
    stage_ = std::make_unique<Stage>(&session_, width_, height_);
    window_->SendInputTo(&stage_->input());
  }

  absl::Status Go() {
    absl::StatusOr<std::unique_ptr<Renderer>> renderer = Renderer::Create(Window::LookUp());
    if (!renderer.ok()) return renderer.status();
    renderer_ = *std::move(renderer);
    if (!options_.script.empty()) {
      absl::StatusOr<Script> script = ReadScript(options_.script);
      if (!script.ok()) return script.status();
      script_ = std::make_unique<Script>(*std::move(script));
    }
    bool was_live = source_->live();
    int frames_left = kSettleFrames;
    Clock::time_point drawn = Clock::now();
    while (!window_->closing() && !session_.quit() && !(script_ != nullptr && script_->quit())) {
      const bool moving = session_.playback().playing() || !stage_->input().empty() ||
                          script_ != nullptr || frames_left > 0;
      if (window_->Wait(WaitFor(moving, source_->live(), drawn))) frames_left = kSettleFrames;
      if (const absl::Status polled = source_->Poll(); !polled.ok()) return polled;
      if (source_->recording() != nullptr &&
          session_.Update(*source_->recording(), source_->live())) {
        frames_left = kSettleFrames;
      }
      if (was_live && !source_->live()) ComplainOfLoss(*source_);
      was_live = source_->live();
      // Nothing new: the window keeps what it shows.
      if (!window_->visible() || (frames_left == 0 && !moving)) continue;
      frames_left = std::max(0, frames_left - 1);
      const Clock::time_point now = Clock::now();
      if (absl::Status drew = Frame(std::chrono::duration<double>(now - drawn).count());
          !drew.ok()) {
        return drew;
      }
      drawn = now;
    }
    if (options_.dump_state) std::printf("%s\n", StateJson(stage_->shown()).c_str());
    return absl::OkStatus();
  }

 private:
  static double WaitFor(bool moving, bool live, Clock::time_point drawn) {
    if (!moving && !live) return kIdle;
    const double since = std::chrono::duration<double>(Clock::now() - drawn).count();
    return std::max(0.0, (live ? kLiveFrame : kFrame) - since);
  }

  absl::Status Frame(double seconds) {
    window_->Size(&width_, &height_);
    if ((width_ != stage_->width() || height_ != stage_->height()) &&
        stage_->Resize(width_, height_)) {
      renderer_->ForgetFonts();
    }
    if (script_ != nullptr && !script_->done()) {
      if (absl::Status step = script_->Step(stage_->shown(), &stage_->input()); !step.ok())
        return step;
    }
    renderer_->BeginFrame();
    // A script counts frames, whatever they cost; and nobody wants a jump after a pause.
    stage_->Frame(script_ != nullptr ? kFrame : std::min(seconds, 0.1), renderer_.get());
    renderer_->ToWindow(width_, height_);
    const std::string path = script_ == nullptr ? std::string() : script_->TakeScreenshot();
    if (!path.empty()) {
      const absl::StatusOr<Rgba> picture = renderer_->ToMemory(width_, height_);
      if (!picture.ok()) return picture.status();
      if (absl::Status written = WritePng(path, *picture); !written.ok()) return written;
    }
    window_->Show();
    return absl::OkStatus();
  }

  const Options& options_;
  Source* source_;
  Session session_;
  int width_ = 0;
  int height_ = 0;
  // Each needs the one before it to the end.
  std::unique_ptr<Window> window_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<Script> script_;
};

}  // namespace

int RunInWindow(const Options& options, Source* source, std::unique_ptr<Window> window) {
  const absl::Status went = WindowRun(options, source, std::move(window)).Go();
  if (went.ok()) return 0;
  Complain(std::string(went.message()));
  return went.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace tally::viz
