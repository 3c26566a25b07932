// A cpuset cgroup with this process alone in it, to be changed while it runs.
#pragma once

#include <string>

namespace tally::guest {

// Makes the cgroup, with all that the machine has, and enters it. False if that cannot be.
bool EnterOwnCpuset();
bool SetOwnCpuset(const std::string& cpus, const std::string& mems);
// CPU time in each 100 ms; "max": as much as there is.
bool SetOwnQuota(const std::string& quota_us);
// All that the machine has, as in the beginning.
bool WidenOwnCpuset();

}  // namespace tally::guest
