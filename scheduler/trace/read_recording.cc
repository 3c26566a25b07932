#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "scheduler/trace/recording.h"

namespace tally {
namespace {

constexpr size_t kReadBytes = 1 << 20;

absl::Status OpenError(const std::string& path, int error) {
  const std::string start = "cannot read " + path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(start);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(start);
  return absl::FailedPreconditionError(start);
}

absl::Status NotARecording(const std::string& path, const absl::Status& why) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is not a Tally recording that can be read: ", why.message()));
}

}  // namespace

absl::StatusOr<Recording> ReadRecording(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return OpenError(path, errno);
  const absl::Cleanup close_file = [fd] { close(fd); };

  RecordingBuilder builder;
  std::string piece(kReadBytes, '\0');
  while (true) {
    const ssize_t count = read(fd, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EISDIR) {
      return absl::InvalidArgumentError(path + " is a directory; name a recording in it");
    }
    if (count < 0) return OpenError(path, errno);
    if (count == 0) break;
    const absl::Status status = builder.Append({piece.data(), static_cast<size_t>(count)});
    if (!status.ok()) return NotARecording(path, status);
  }
  const absl::Status status = builder.Finish();
  if (!status.ok()) return NotARecording(path, status);
  return builder.Take();
}

}  // namespace tally
