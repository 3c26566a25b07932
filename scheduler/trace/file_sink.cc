#include "scheduler/trace/file_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tally {
namespace {

std::string Why(int error) { return std::strerror(error); }

absl::Status CreateError(const std::string& path, int error) {
  const std::string start = "cannot write the recording " + path + ": ";
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(start + "there is no such directory; create it first");
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(start + Why(error) + "; choose a path you may write");
    case EISDIR:
      return absl::InvalidArgumentError(start + "it is a directory; add a file name");
    default:
      return absl::FailedPreconditionError(start + Why(error));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileSink>> FileSink::Create(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("the path of a recording is empty");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return CreateError(path, errno);
  return std::unique_ptr<FileSink>(new FileSink(path, fd));
}

FileSink::~FileSink() { (void)Close(); }

void FileSink::Write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  while (fd_ >= 0 && status_.ok() && !bytes.empty()) {
    const ssize_t count = write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(errno);
    bytes_written_ += static_cast<uint64_t>(count);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void FileSink::Fail(int error) {
  if (!status_.ok()) return;
  status_ = absl::DataLossError(absl::StrCat("the recording ", path_, " ends after ",
                                             bytes_written_, " bytes: ", Why(error)));
}

absl::Status FileSink::Close() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0 && close(fd_) != 0) Fail(errno);
  fd_ = -1;
  return status_;
}

uint64_t FileSink::bytes_written() const {
  const std::lock_guard lock(mutex_);
  return bytes_written_;
}

}  // namespace tally
