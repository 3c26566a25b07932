// Every task draws a ticket when it is spawned. It uses it when it runs, or drops it when its
// closure is destroyed without having run. Afterwards each ticket was used once or dropped once,
// never both: nothing was lost, nothing ran twice, and nothing ran that counts as skipped.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "numa/check.h"

namespace tally::stress {

class Ledger {
 public:
  using Ticket = size_t;

  explicit Ledger(size_t capacity)
      : capacity_(capacity), marks_(std::make_unique<std::atomic<uint8_t>[]>(capacity)) {}

  // From any thread.
  Ticket Draw() {
    const Ticket ticket = drawn_.fetch_add(1);
    TALLY_CHECK(ticket < capacity_, "the ledger is large enough for the storm");
    return ticket;
  }
  void Use(Ticket ticket) { marks_[ticket].fetch_add(kUse); }
  bool Used(Ticket ticket) const { return (marks_[ticket].load() & kUses) != 0; }
  void Drop(Ticket ticket) { marks_[ticket].fetch_add(kDrop); }
  bool Dropped(Ticket ticket) const { return marks_[ticket].load() / kDrop != 0; }

  // Once all is over.
  struct Balance {
    uint64_t used = 0;     // once, and not dropped
    uint64_t dropped = 0;  // once, and not used
    uint64_t neither = 0;
    uint64_t more = 0;  // anything else
  };
  Balance Close() const {
    Balance balance;
    for (Ticket ticket = 0; ticket < drawn_.load(); ++ticket) {
      const uint8_t marks = marks_[ticket].load();
      ++(marks == 0       ? balance.neither
         : marks == kUse  ? balance.used
         : marks == kDrop ? balance.dropped
                          : balance.more);
    }
    return balance;
  }

 private:
  static constexpr uint8_t kUse = 1, kUses = 15, kDrop = 16;

  const size_t capacity_;
  std::unique_ptr<std::atomic<uint8_t>[]> marks_;  // by ticket
  std::atomic<size_t> drawn_{0};
};

// A ticket as the closure holds it, which has one owner at a time, wherever the closure is moved.
class HeldTicket {
 public:
  // `dropped` is called when the ticket is, after the ledger knows.
  HeldTicket(Ledger& ledger, Ledger::Ticket ticket, std::function<void()> dropped)
      : ledger_(&ledger), ticket_(ticket), dropped_(std::move(dropped)) {}
  HeldTicket(HeldTicket&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)),
        ticket_(other.ticket_),
        dropped_(std::move(other.dropped_)) {}
  HeldTicket& operator=(HeldTicket&&) = delete;
  ~HeldTicket() {
    if (ledger_ == nullptr || used_) return;
    ledger_->Drop(ticket_);
    dropped_();
  }

  void Use() {
    used_ = true;
    ledger_->Use(ticket_);
  }

 private:
  Ledger* ledger_;
  const Ledger::Ticket ticket_;
  std::function<void()> dropped_;
  bool used_ = false;
};

}  // namespace tally::stress
