#include "tests/guest/own_cpuset.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/guest/kernel_view.h"

namespace tally::guest {
namespace {

// One a process: the cgroup outlives it, because it cannot be removed from inside.
std::string Group() { return "/sys/fs/cgroup/own" + std::to_string(getpid()); }

}  // namespace

bool EnterOwnCpuset() {
  return mkdir(Group().c_str(), 0755) == 0 && WidenOwnCpuset() &&
         WriteLine(Group() + "/cgroup.procs", std::to_string(getpid()));
}

bool SetOwnCpuset(const std::string& cpus, const std::string& mems) {
  return WriteLine(Group() + "/cpuset.cpus", cpus) && WriteLine(Group() + "/cpuset.mems", mems);
}

bool SetOwnQuota(const std::string& quota_us) {
  return WriteLine(Group() + "/cpu.max", quota_us + " 100000");
}

bool WidenOwnCpuset() {
  return SetOwnCpuset(FirstLine("/sys/fs/cgroup/cpuset.cpus.effective"),
                      FirstLine("/sys/fs/cgroup/cpuset.mems.effective"));
}

}  // namespace tally::guest
