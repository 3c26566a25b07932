#include "viz/app/window.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "viz/panels/keys.h"

namespace tally::viz {
namespace {

static_assert(kKeySpace == GLFW_KEY_SPACE && kKeyMinus == GLFW_KEY_MINUS &&
              kKeySlash == GLFW_KEY_SLASH && kKeyEqual == GLFW_KEY_EQUAL && kKeyA == GLFW_KEY_A &&
              kKeyD == GLFW_KEY_D && kKeyF == GLFW_KEY_F && kKeyQ == GLFW_KEY_Q &&
              kKeyS == GLFW_KEY_S && kKeyT == GLFW_KEY_T && kKeyW == GLFW_KEY_W &&
              kKeyEscape == GLFW_KEY_ESCAPE && kKeyRight == GLFW_KEY_RIGHT &&
              kKeyLeft == GLFW_KEY_LEFT && kKeyHome == GLFW_KEY_HOME && kKeyEnd == GLFW_KEY_END &&
              kKeyF1 == GLFW_KEY_F1);

std::string LastError() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? "no reason given" : text;
}

class GlfwWindow : public Window {
 public:
  explicit GlfwWindow(GLFWwindow* window) : window_(window) {
    glfwSetWindowUserPointer(window_, this);
    glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double x, double y) {
      // The pointer moves in window units, which need not be pixels.
      int width = 0, height = 0, pixels_w = 0, pixels_h = 0;
      glfwGetWindowSize(w, &width, &height);
      glfwGetFramebufferSize(w, &pixels_w, &pixels_h);
      const double sx = width > 0 ? static_cast<double>(pixels_w) / width : 1;
      const double sy = height > 0 ? static_cast<double>(pixels_h) / height : 1;
      Of(w)->Push({.kind = InputEvent::Kind::kMove,
                   .x = static_cast<float>(x * sx),
                   .y = static_cast<float>(y * sy)});
    });
    glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int entered) {
      if (entered == GLFW_FALSE) Of(w)->Push({.kind = InputEvent::Kind::kMove, .x = -1, .y = -1});
    });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int button, int action, int mods) {
      Of(w)->Push({.kind = InputEvent::Kind::kButton,
                   .code = button,
                   .down = action == GLFW_PRESS,
                   .ctrl = (mods & GLFW_MOD_CONTROL) != 0,
                   .shift = (mods & GLFW_MOD_SHIFT) != 0});
    });
    glfwSetScrollCallback(window_, [](GLFWwindow* w, double x, double y) {
      const auto held = [&](int left, int right) {
        return glfwGetKey(w, left) == GLFW_PRESS || glfwGetKey(w, right) == GLFW_PRESS;
      };
      Of(w)->Push({.kind = InputEvent::Kind::kWheel,
                   .x = static_cast<float>(x),
                   .y = static_cast<float>(y),
                   .ctrl = held(GLFW_KEY_LEFT_CONTROL, GLFW_KEY_RIGHT_CONTROL),
                   .shift = held(GLFW_KEY_LEFT_SHIFT, GLFW_KEY_RIGHT_SHIFT)});
    });
    glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int, int action, int mods) {
      if (action == GLFW_REPEAT || key < 0) return;  // ImGui repeats by itself
      Of(w)->Push({.kind = InputEvent::Kind::kKey,
                   .code = key,
                   .down = action == GLFW_PRESS,
                   .ctrl = (mods & GLFW_MOD_CONTROL) != 0,
                   .shift = (mods & GLFW_MOD_SHIFT) != 0});
    });
    const auto touch = [](GLFWwindow* w) { Of(w)->happened_ = true; };
    glfwSetWindowRefreshCallback(window_, touch);
    glfwSetFramebufferSizeCallback(window_,
                                   [](GLFWwindow* w, int, int) { Of(w)->happened_ = true; });
  }

  ~GlfwWindow() override {
    glfwDestroyWindow(window_);
    glfwTerminate();
  }

  void SendInputTo(InputQueue* queue) override { queue_ = queue; }

  bool Wait(double seconds) override {
    happened_ = false;
    if (seconds > 0) {
      glfwWaitEventsTimeout(seconds);
    } else {
      glfwPollEvents();
    }
    return happened_;
  }

  bool closing() const override { return glfwWindowShouldClose(window_) == GLFW_TRUE; }

  bool visible() const override {
    int width = 0;
    int height = 0;
    Size(&width, &height);
    return width > 0 && height > 0 && glfwGetWindowAttrib(window_, GLFW_ICONIFIED) == GLFW_FALSE;
  }

  void Size(int* width, int* height) const override {
    glfwGetFramebufferSize(window_, width, height);
  }

  void Show() override { glfwSwapBuffers(window_); }

 private:
  static GlfwWindow* Of(GLFWwindow* window) {
    return static_cast<GlfwWindow*>(glfwGetWindowUserPointer(window));
  }

  void Push(const InputEvent& event) {
    happened_ = true;
    if (queue_ != nullptr) queue_->Push(event);
  }

  GLFWwindow* window_;
  InputQueue* queue_ = nullptr;
  bool happened_ = false;
};

}  // namespace

const char* NoDisplay() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] != '\0';
  };
  return set("DISPLAY") || set("WAYLAND_DISPLAY") ? ""
                                                  : "neither DISPLAY nor WAYLAND_DISPLAY is set";
}

absl::StatusOr<std::unique_ptr<Window>> Window::Open(int width, int height, const char* title) {
  if (NoDisplay()[0] != '\0') return absl::UnavailableError(NoDisplay());
  // A few small shaders: not worth what Mesa says where it may not keep them in the home directory.
  setenv("MESA_SHADER_CACHE_DISABLE", "true", 0);
  if (glfwInit() == GLFW_FALSE) return absl::UnavailableError(LastError());
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  GLFWwindow* window = glfwCreateWindow(width, height, title, nullptr, nullptr);
  if (window == nullptr) {
    const std::string why = LastError();
    glfwTerminate();
    return absl::UnavailableError(why);
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  return std::make_unique<GlfwWindow>(window);
}

Gl::LookUp Window::LookUp() { return glfwGetProcAddress; }

}  // namespace tally::viz
