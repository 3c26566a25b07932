#include "viz/app/gl.h"

namespace tally::viz {

bool Gl::Load(LookUp look_up, std::string* missing) {
  bool all = true;
  const auto find = [&](auto* function, const char* name) {
    *function = reinterpret_cast<std::remove_pointer_t<decltype(function)>>(look_up(name));
    if (*function == nullptr && all) {
      all = false;
      *missing = name;
    }
  };
  find(&GenTextures, "glGenTextures");
  find(&DeleteTextures, "glDeleteTextures");
  find(&BindTexture, "glBindTexture");
  find(&TexParameteri, "glTexParameteri");
  find(&TexImage2D, "glTexImage2D");
  find(&PixelStorei, "glPixelStorei");
  find(&ReadPixels, "glReadPixels");
  find(&Viewport, "glViewport");
  find(&ClearColor, "glClearColor");
  find(&Clear, "glClear");
  find(&GetString, "glGetString");
  find(&GenFramebuffers, "glGenFramebuffers");
  find(&DeleteFramebuffers, "glDeleteFramebuffers");
  find(&BindFramebuffer, "glBindFramebuffer");
  find(&FramebufferTexture2D, "glFramebufferTexture2D");
  find(&CheckFramebufferStatus, "glCheckFramebufferStatus");
  return all;
}

}  // namespace tally::viz
