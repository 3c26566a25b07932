#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "viz/app/egl_context.h"
#include "viz/app/png.h"
#include "viz/app/renderer.h"
#include "viz/app/run.h"
#include "viz/app/script.h"
#include "viz/app/script_file.h"
#include "viz/app/stage.h"
#include "viz/app/state_dump.h"

namespace tally::viz {
namespace {

constexpr double kStep = 1.0 / 60;
constexpr int kSettleFrames = 3;  // ImGui lays out in the first, and knows in the second
constexpr int kMostFrames = 100'000;

// The demo needs time to do something worth a picture.
absl::Status WaitForEnd(Source* source) {
  while (source->live()) {
    if (absl::Status polled = source->Poll(); !polled.ok()) return polled;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return absl::OkStatus();
}

class HeadlessRun {
 public:
  HeadlessRun(const Options& options, Source* source) : options_(options), source_(source) {}

  absl::Status Go() {
    if (absl::Status ended = WaitForEnd(source_); !ended.ok()) return ended;
    ComplainOfLoss(*source_);
    const bool pictures = !options_.screenshot.empty() || !options_.script.empty();
    if (pictures) {
      absl::StatusOr<std::unique_ptr<EglContext>> egl = EglContext::Create();
      if (!egl.ok()) return egl.status();
      egl_ = *std::move(egl);
    }
    session_.Update(*source_->recording(), false);
    stage_ = std::make_unique<Stage>(&session_, options_.width, options_.height);
    if (pictures) {
      absl::StatusOr<std::unique_ptr<Renderer>> renderer = Renderer::Create(&EglContext::LookUp);
      if (!renderer.ok()) return renderer.status();
      renderer_ = *std::move(renderer);
    } else {
      stage_->BuildFonts();
    }
    for (int i = 0; i < kSettleFrames; ++i) Frame();
    if (absl::Status played = Play(); !played.ok()) return played;
    if (!options_.screenshot.empty()) {
      if (absl::Status taken = Picture(options_.screenshot); !taken.ok()) return taken;
    }
    if (options_.dump_state) std::printf("%s\n", StateJson(stage_->shown()).c_str());
    return absl::OkStatus();
  }

 private:
  void Frame() {
    if (renderer_ != nullptr) renderer_->BeginFrame();
    stage_->Frame(kStep, renderer_ != nullptr ? static_cast<Images*>(renderer_.get()) : &none_);
  }

  absl::Status Picture(const std::string& path) {
    const absl::StatusOr<Rgba> picture = renderer_->ToMemory(stage_->width(), stage_->height());
    if (!picture.ok()) return picture.status();
    return WritePng(path, *picture);
  }

  absl::Status Play() {
    if (options_.script.empty()) return absl::OkStatus();
    absl::StatusOr<Script> script = ReadScript(options_.script);
    if (!script.ok()) return script.status();
    for (int i = 0; i < kMostFrames && !script->done() && !session_.quit(); ++i) {
      if (absl::Status step = script->Step(stage_->shown(), &stage_->input()); !step.ok())
        return step;
      Frame();
      const std::string path = script->TakeScreenshot();
      if (path.empty()) continue;
      if (absl::Status taken = Picture(path); !taken.ok()) return taken;
    }
    return absl::OkStatus();
  }

  const Options& options_;
  Source* source_;
  Session session_;
  NoImages none_;
  // Each needs the one before it to the end.
  std::unique_ptr<EglContext> egl_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Renderer> renderer_;
};

}  // namespace

int RunHeadless(const Options& options, Source* source) {
  const absl::Status went = HeadlessRun(options, source).Go();
  if (went.ok()) return 0;
  Complain(std::string(went.message()));
  return went.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace tally::viz
