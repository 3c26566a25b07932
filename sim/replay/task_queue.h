// A deque or an injector as a recording describes it: tasks from oldest to newest.
//
// Conflict: the scheduler takes tasks from either end and, rarely, from the middle; a damaged
// recording asks for any. So a task leaves by a note in its own record (its ticket no longer
// matches) and the queue drops such entries when they come to an end: every removal is O(1).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <vector>

#include "scheduler/trace/event.h"

namespace tally {

class TaskQueue {
 public:
  // Unique among all queues; a task's record holds the ticket of the entry that is valid.
  struct Entry {
    TaskId task = 0;
    uint64_t ticket = 0;
  };

  void Push(Entry entry) { entries_.push_back(entry); }

  // `valid(entry)`: the task is still here. The newest task, 0 if there is none.
  template <class Valid>
  TaskId Newest(Valid valid) {
    while (!entries_.empty() && !valid(entries_.back())) entries_.pop_back();
    return entries_.empty() ? 0 : entries_.back().task;
  }

  // The oldest task, 0 if there is none.
  template <class Valid>
  TaskId Oldest(Valid valid) {
    while (!entries_.empty() && !valid(entries_.front())) entries_.pop_front();
    return entries_.empty() ? 0 : entries_.front().task;
  }

  // Everything in it, oldest first.
  template <class Valid>
  std::vector<Entry> Entries(Valid valid) const {
    std::vector<Entry> entries;
    std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(entries), valid);
    return entries;
  }

 private:
  std::deque<Entry> entries_;
};

}  // namespace tally
