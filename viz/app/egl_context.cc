#include "viz/app/egl_context.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <dlfcn.h>
#include <stdlib.h>

#include "absl/status/status.h"

namespace tally::viz {
namespace {

// Loaded, not linked: see Gl.
struct Egl {
  decltype(&eglGetProcAddress) GetProcAddress = nullptr;
  decltype(&eglInitialize) Initialize = nullptr;
  decltype(&eglTerminate) Terminate = nullptr;
  decltype(&eglBindAPI) BindAPI = nullptr;
  decltype(&eglChooseConfig) ChooseConfig = nullptr;
  decltype(&eglCreateContext) CreateContext = nullptr;
  decltype(&eglDestroyContext) DestroyContext = nullptr;
  decltype(&eglMakeCurrent) MakeCurrent = nullptr;
  PFNEGLGETPLATFORMDISPLAYEXTPROC GetPlatformDisplay = nullptr;

  bool Load() {
    void* library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    const auto find = [&](auto* function, const char* name) {
      *function = reinterpret_cast<std::remove_pointer_t<decltype(function)>>(dlsym(library, name));
      return *function != nullptr;
    };
    const bool all =
        find(&GetProcAddress, "eglGetProcAddress") && find(&Initialize, "eglInitialize") &&
        find(&Terminate, "eglTerminate") && find(&BindAPI, "eglBindAPI") &&
        find(&ChooseConfig, "eglChooseConfig") && find(&CreateContext, "eglCreateContext") &&
        find(&DestroyContext, "eglDestroyContext") && find(&MakeCurrent, "eglMakeCurrent");
    if (!all) return false;
    GetPlatformDisplay = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
        GetProcAddress("eglGetPlatformDisplayEXT"));
    return GetPlatformDisplay != nullptr;
  }
};
Egl g_egl;

}  // namespace

absl::StatusOr<std::unique_ptr<EglContext>> EglContext::Create() {
  setenv("EGL_LOG_LEVEL", "fatal", 0);  // Mesa would say in its own words what we say below
  // Nor does one picture need a cache of shaders on disk, which Mesa complains of not getting where
  // the home directory is read-only, as in containers.
  setenv("MESA_SHADER_CACHE_DISABLE", "true", 0);
  if (!g_egl.Load()) {
    return absl::UnavailableError("there is no EGL to draw with: install libegl1 and libegl-mesa0");
  }
  std::unique_ptr<EglContext> made(new EglContext());
  const EGLDisplay display =
      g_egl.GetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
  if (display == EGL_NO_DISPLAY || !g_egl.Initialize(display, nullptr, nullptr)) {
    return absl::UnavailableError(
        "EGL cannot draw without a display here: install libegl-mesa0 and libgl1-mesa-dri");
  }
  made->display_ = display;
  const EGLint wanted[] = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
  const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                            3,
                            EGL_CONTEXT_MINOR_VERSION,
                            2,
                            EGL_CONTEXT_OPENGL_PROFILE_MASK,
                            EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                            EGL_NONE};
  EGLConfig config = nullptr;
  EGLint found = 0;
  if (!g_egl.BindAPI(EGL_OPENGL_API) || !g_egl.ChooseConfig(display, wanted, &config, 1, &found) ||
      found == 0) {
    return absl::UnavailableError("EGL offers no OpenGL here: install libgl1-mesa-dri");
  }
  made->context_ = g_egl.CreateContext(display, config, EGL_NO_CONTEXT, version);
  if (made->context_ == EGL_NO_CONTEXT ||
      !g_egl.MakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, made->context_)) {
    return absl::UnavailableError("EGL offers no OpenGL 3.2 here: install libgl1-mesa-dri");
  }
  return made;
}

EglContext::~EglContext() {
  if (display_ == nullptr) return;
  g_egl.MakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  if (context_ != nullptr) g_egl.DestroyContext(display_, context_);
  g_egl.Terminate(display_);
}

void (*EglContext::LookUp(const char* name))() { return g_egl.GetProcAddress(name); }

}  // namespace tally::viz
