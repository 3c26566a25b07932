#include "scheduler/world/thread_heritage.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace tally {
namespace {

// Of the calling thread: Linux keeps them per thread.
int Niceness() { return getpriority(PRIO_PROCESS, 0); }

}  // namespace

ThreadHeritage::ThreadHeritage() : policy_(sched_getscheduler(0)), nice_(Niceness()) {
  sigemptyset(&blocked_);
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked_);
}

bool ThreadHeritage::IsThisThreads() const {
  return sched_getscheduler(0) == policy_ && Niceness() == nice_;
}

void ThreadHeritage::TakeSignals() const { pthread_sigmask(SIG_SETMASK, &blocked_, nullptr); }

}  // namespace tally
