#include "sim/timed/context.h"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <utility>
#include <vector>

#include "numa/check.h"
#include "sim/timed/sanitizers.h"

namespace tally::timed {
namespace {

namespace fcontext = boost::context::detail;

// The Itanium C++ ABI's layout of what __cxa_get_globals() returns; the header only
// forward-declares.
struct ExceptionGlobals {
  void* caught_exceptions;
  unsigned uncaught_exceptions;
};

ExceptionGlobals& ThreadExceptionGlobals() {
  return *reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
}

size_t PageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// Unmapped when the thread ends.
struct StackPool {
  std::vector<void*> free;
  ~StackPool() {
    for (void* base : free) {
      munmap(static_cast<char*>(base) - PageSize(), Stack::size() + PageSize());
    }
  }
};
thread_local StackPool stack_pool;

}  // namespace

size_t Stack::size() { return kAddressSanitizer || kThreadSanitizer ? 1 << 20 : 256 << 10; }

Stack Stack::Take() {
  Stack stack;
  if (!stack_pool.free.empty()) {
    stack.base_ = stack_pool.free.back();
    stack_pool.free.pop_back();
    UnpoisonMemory(stack.base_, size());  // the last frames never returned
    return stack;
  }
  void* mapping = mmap(nullptr, size() + PageSize(), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) return stack;
  if (mprotect(mapping, PageSize(), PROT_NONE) != 0) {
    munmap(mapping, size() + PageSize());
    return stack;
  }
  stack.base_ = static_cast<char*>(mapping) + PageSize();
  return stack;
}

Stack::~Stack() {
  if (base_ != nullptr) stack_pool.free.push_back(base_);
}

Stack::Stack(Stack&& other) noexcept : base_(std::exchange(other.base_, nullptr)) {}

Stack& Stack::operator=(Stack&& other) noexcept {
  std::swap(base_, other.base_);
  return *this;
}

void* Stack::top() const { return static_cast<char*>(base_) + size(); }

void Stack::Abandon() {
  if (base_ != nullptr) KeepReachable(base_, size());
  base_ = nullptr;
}

// What one context hands to the next one across the switch.
struct Context::Jump {
  Context* from;
  Context* to;
};

Context::Context() : thread_sanitizer_fiber_(CurrentSanitizerFiber()) {}

Context::~Context() {
  if (owns_thread_sanitizer_fiber_) DestroySanitizerFiber(thread_sanitizer_fiber_);
}

void Context::Prepare(const Stack& stack, void (*entry)(void*), void* argument) {
  entry_ = entry;
  argument_ = argument;
  stack_base_ = stack.base();
  stack_size_ = Stack::size();
  thread_sanitizer_fiber_ = CreateSanitizerFiber();
  owns_thread_sanitizer_fiber_ = true;
  machine_context_ =
      fcontext::make_fcontext(stack.top(), Stack::size(), [](fcontext::transfer_t t) {
        const Jump jump = *static_cast<Jump*>(t.data);
        jump.from->machine_context_ = t.fctx;
        Context& self = *jump.to;
        Arrive(self, jump);
        self.entry_(self.argument_);
        TALLY_CHECK(false, "a context's entry never returns");
      });
}

TALLY_SWITCHES_FIBERS void Context::Switch(Context& from, Context& to) {
  ExceptionGlobals& globals = ThreadExceptionGlobals();
  from.caught_exceptions_ = globals.caught_exceptions;
  from.uncaught_exceptions_ = globals.uncaught_exceptions;
  StartSanitizerSwitch(&from.fake_stack_, to.stack_base_, to.stack_size_,
                       to.thread_sanitizer_fiber_);
  Jump jump{&from, &to};
  const fcontext::transfer_t t = fcontext::jump_fcontext(to.machine_context_, &jump);
  const Jump back = *static_cast<Jump*>(t.data);
  back.from->machine_context_ = t.fctx;
  Arrive(from, back);
}

TALLY_SWITCHES_FIBERS void Context::Leave(Context& from, Context& to) {
  StartSanitizerSwitch(nullptr, to.stack_base_, to.stack_size_, to.thread_sanitizer_fiber_);
  Jump jump{&from, &to};
  fcontext::jump_fcontext(to.machine_context_, &jump);
  TALLY_CHECK(false, "nobody switches to a context that is over");
}

TALLY_SWITCHES_FIBERS void Context::Arrive(Context& self, const Jump& jump) {
  // The host thread's stack is not ours: its bounds are learnt when it is first left.
  FinishSanitizerSwitch(self.fake_stack_, &jump.from->stack_base_, &jump.from->stack_size_);
  ExceptionGlobals& globals = ThreadExceptionGlobals();
  globals.caught_exceptions = self.caught_exceptions_;
  globals.uncaught_exceptions = self.uncaught_exceptions_;
}

}  // namespace tally::timed
