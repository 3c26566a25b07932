// Every task draws a ticket when it is spawned and uses it when it runs. Afterwards each ticket was
// used once: nothing was lost, nothing ran twice.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "numa/check.h"

namespace tally::stress {

class Ledger {
 public:
  using Ticket = size_t;

  explicit Ledger(size_t capacity)
      : capacity_(capacity), uses_(std::make_unique<std::atomic<uint8_t>[]>(capacity)) {}

  // From any thread.
  Ticket Draw() {
    const Ticket ticket = drawn_.fetch_add(1);
    TALLY_CHECK(ticket < capacity_, "the ledger is large enough for the storm");
    return ticket;
  }
  void Use(Ticket ticket) { uses_[ticket].fetch_add(1); }
  bool Used(Ticket ticket) const { return uses_[ticket].load() != 0; }
  // The task was refused. From now on it must not run: that would be a second use.
  void GiveBack(Ticket ticket) {
    Use(ticket);
    given_back_.fetch_add(1);
  }

  // Once all is over.
  struct Balance {
    uint64_t drawn = 0;  // and not given back
    uint64_t never = 0;
    uint64_t once = 0;
    uint64_t more = 0;
  };
  Balance Close() const {
    Balance balance{.drawn = drawn_.load() - given_back_.load()};
    for (Ticket ticket = 0; ticket < drawn_.load(); ++ticket) {
      const uint8_t uses = uses_[ticket].load();
      ++(uses == 0 ? balance.never : uses == 1 ? balance.once : balance.more);
    }
    balance.once -= given_back_.load();
    return balance;
  }

 private:
  const size_t capacity_;
  std::unique_ptr<std::atomic<uint8_t>[]> uses_;
  std::atomic<size_t> drawn_{0};
  std::atomic<size_t> given_back_{0};
};

}  // namespace tally::stress
