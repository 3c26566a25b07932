#include "numa/node_buffer.h"

#include <sys/mman.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/say_once.h"

namespace tally {
namespace {

absl::Status CheckRequest(const Topology& topology, size_t bytes, const MemoryRequest& request) {
  if (bytes == 0) return absl::InvalidArgumentError("a buffer has at least one byte");
  if (request.nodes.empty() != (request.mode == MemoryMode::kFirstTouch)) {
    return absl::InvalidArgumentError(
        request.nodes.empty() ? "say on which nodes: MemoryRequest::nodes is empty"
                              : "first touch takes no nodes: leave MemoryRequest::nodes empty");
  }
  for (const NodeId node : request.nodes) {
    if (node.valid() && node.index() < topology.nodes().size()) continue;
    return absl::InvalidArgumentError(absl::StrCat("there is no node ", node.value(),
                                                   ": this machine has nodes 0 to ",
                                                   topology.nodes().size() - 1));
  }
  return absl::OkStatus();
}

bool ByPage(MemoryMode mode) {
  return mode == MemoryMode::kInterleave || mode == MemoryMode::kWeightedInterleave ||
         mode == MemoryMode::kFirstTouch;
}

}  // namespace

absl::StatusOr<NodeBuffer> NodeBuffer::Create(const Topology& topology, size_t bytes,
                                              MemoryRequest request, KernelMemory& kernel) {
  if (absl::Status status = CheckRequest(topology, bytes, request); !status.ok()) return status;
  NodeBuffer buffer;
  const size_t page = kernel.PageBytes();
  buffer.mapped_ = (bytes + page - 1) / page * page;
  if (buffer.mapped_ >= bytes) {  // else the sum has wrapped
    buffer.data_ = static_cast<std::byte*>(kernel.Map(buffer.mapped_));
  }
  if (buffer.data_ == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the kernel has no ", bytes, " bytes of memory: ask for less"));
  }
  buffer.kernel_ = &kernel;
  buffer.bytes_ = bytes;
  if (ByPage(request.mode)) kernel.Advise(buffer.data_, buffer.mapped_, MADV_NOHUGEPAGE);
  if (topology.is_this_machine() && topology.nodes().size() == 1) SayOnce(kOneNode);
  buffer.bound_ = BoundMemory(topology, buffer.data_, buffer.mapped_, kernel);
  buffer.binding_ = buffer.bound_.Bind(std::move(request));
  return buffer;
}

NodeBuffer& NodeBuffer::operator=(NodeBuffer&& other) noexcept {
  if (this == &other) return *this;
  Release();
  kernel_ = other.kernel_;
  data_ = std::exchange(other.data_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  mapped_ = std::exchange(other.mapped_, 0);
  bound_ = std::move(other.bound_);
  binding_ = std::move(other.binding_);
  return *this;
}

void NodeBuffer::Release() {
  bound_.Release();
  if (data_ != nullptr) kernel_->Unmap(data_, mapped_);
  data_ = nullptr;
}

const MemoryBinding& NodeBuffer::Check() {
  binding_ = bound_.Check();
  return binding_;
}

const MemoryBinding& NodeBuffer::Rebind() {
  binding_ = bound_.Bind(binding_.asked);
  return binding_;
}

const MemoryBinding& NodeBuffer::Migrate(NodeId node) {
  binding_ = bound_.Migrate(node);
  return binding_;
}

}  // namespace tally
