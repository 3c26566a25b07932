// What a thread gets from the one that starts it: threads of the scheduler's should be alike,
// whoever is there when one of them is needed.
#pragma once

#include <signal.h>

namespace tally {

class ThreadHeritage {
 public:
  // The calling thread's.
  ThreadHeritage();

  // Whether a thread that the calling one starts would have the same scheduling policy and
  // niceness, of which the kernel does not give back what was given up.
  bool IsThisThreads() const;
  // The calling thread blocks the same signals from now on.
  void TakeSignals() const;

 private:
  int policy_, nice_;
  sigset_t blocked_;
};

}  // namespace tally
