// A stack and the place where its execution stopped; switching from one to another.
//
// Boost.Context's fcontext does the switch (about 9 ns). Around it stands what C++ and the tools
// expect of a thread of its own: the exception runtime's globals (a fiber that stops inside a catch
// block would otherwise see another fiber's exception), and the announcements by which the address
// and thread sanitizers follow a switch of stacks.
#pragma once

#include <cstddef>

namespace tally::timed {

// One fiber's stack: guard page below, returned to a pool of this thread when it is over.
class Stack {
 public:
  Stack() = default;
  ~Stack();
  Stack(Stack&& other) noexcept;
  Stack& operator=(Stack&& other) noexcept;

  // An empty stack (ok() is false) when the system has no more memory.
  static Stack Take();
  bool ok() const { return base_ != nullptr; }
  void* base() const { return base_; }
  void* top() const;
  static size_t size();
  // For a fiber that stopped half-way: its frames stay where they are, for ever, since somebody may
  // point to them.
  void Abandon();

 private:
  void* base_ = nullptr;
};

class Context {
 public:
  // The context of whoever calls Switch first: the host thread.
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Makes this context start in `entry(argument)` on `stack`. `entry` never returns.
  void Prepare(const Stack& stack, void (*entry)(void* argument), void* argument);

  // Stops `from`, the running context, and goes on with `to`. Returns when somebody switches back.
  static void Switch(Context& from, Context& to);
  // The same for a `from` that is over and will never be switched to.
  [[noreturn]] static void Leave(Context& from, Context& to);

 private:
  struct Jump;
  static void Arrive(Context& self, const Jump& jump);

  void* machine_context_ = nullptr;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  // What __cxa_get_globals() points to.
  void* caught_exceptions_ = nullptr;
  unsigned uncaught_exceptions_ = 0;
  // For the sanitizers; unused otherwise.
  const void* stack_base_ = nullptr;
  size_t stack_size_ = 0;
  void* fake_stack_ = nullptr;
  void* thread_sanitizer_fiber_ = nullptr;
  bool owns_thread_sanitizer_fiber_ = false;
};

}  // namespace tally::timed
