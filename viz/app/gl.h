// The handful of OpenGL calls that the dashboard makes itself, found at run time.
//
// Nothing is linked: a machine without OpenGL can still start the program and be told what to
// install. Whoever has a context (the window, or EGL) provides the look-up.
#pragma once

#include <GL/gl.h>
#include <GL/glext.h>

#include <string>

namespace tally::viz {

struct Gl {
  PFNGLGENTEXTURESEXTPROC GenTextures;
  PFNGLDELETETEXTURESEXTPROC DeleteTextures;
  PFNGLBINDTEXTUREEXTPROC BindTexture;
  void (*TexParameteri)(GLenum, GLenum, GLint);
  void (*TexImage2D)(GLenum, GLint, GLint, GLsizei, GLsizei, GLint, GLenum, GLenum, const void*);
  void (*PixelStorei)(GLenum, GLint);
  void (*ReadPixels)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void*);
  void (*Viewport)(GLint, GLint, GLsizei, GLsizei);
  void (*ClearColor)(GLfloat, GLfloat, GLfloat, GLfloat);
  void (*Clear)(GLbitfield);
  const GLubyte* (*GetString)(GLenum);
  PFNGLGENFRAMEBUFFERSPROC GenFramebuffers;
  PFNGLDELETEFRAMEBUFFERSPROC DeleteFramebuffers;
  PFNGLBINDFRAMEBUFFERPROC BindFramebuffer;
  PFNGLFRAMEBUFFERTEXTURE2DPROC FramebufferTexture2D;
  PFNGLCHECKFRAMEBUFFERSTATUSPROC CheckFramebufferStatus;

  using LookUp = void (*(*)(const char* name))();
  // False if a function is missing; `missing` names it.
  bool Load(LookUp look_up, std::string* missing);
};

}  // namespace tally::viz
