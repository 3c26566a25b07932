// The kernel's side of memory pressure, as an argument: files that can be read, and that report.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "numa/ids.h"

namespace tally {

class PressureKernel {
 public:
  virtual ~PressureKernel() = default;

  virtual Nanos Now() = 0;
  // nullopt: it is not there, or may not be read.
  virtual std::optional<std::string> Read(const std::string& path) = 0;
  // A handle that reports when what `trigger` describes happens ("some 150000 2000000": 150 ms of
  // stalls within 2 s), or, if it is empty, when the file changes. A negative errno if the kernel
  // refuses.
  virtual int Watch(const std::string& path, const std::string& trigger) = 0;
  virtual void Unwatch(int handle) = 0;
  // Until a handle reports, Interrupt() is called or time is up (timeout < 0: never). The handle,
  // or -1. What happens after it has returned is reported by the next call.
  virtual int Wait(std::span<const int> handles, Nanos timeout) = 0;
  virtual void Interrupt() = 0;
};

// This machine's; for one monitor.
class RealPressureKernel final : public PressureKernel {
 public:
  RealPressureKernel();
  ~RealPressureKernel() override;
  RealPressureKernel(const RealPressureKernel&) = delete;
  RealPressureKernel& operator=(const RealPressureKernel&) = delete;

  Nanos Now() override;
  std::optional<std::string> Read(const std::string& path) override;
  int Watch(const std::string& path, const std::string& trigger) override;
  void Unwatch(int handle) override;
  int Wait(std::span<const int> handles, Nanos timeout) override;
  void Interrupt() override;

 private:
  const int interrupt_;  // an eventfd
};

}  // namespace tally
