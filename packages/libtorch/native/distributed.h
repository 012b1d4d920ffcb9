// PyTorch's c10d, whose headers moved and whose classes were split from one version to the next.
#pragma once

#if defined(ARCFACE_C10D) && __has_include(<torch/csrc/distributed/c10d/TCPStore.hpp>)
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#include <node_api.h>
#include <torch/version.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace bridge {

#if TORCH_VERSION_MAJOR >= 2
using Communicator = c10d::Backend;
#else
using Communicator = c10d::ProcessGroup;
#endif

// This process's place among the others. One a process; used by the main thread, and by autograd for it.
struct Team {
  napi_env owner;  // of the thread that joined
  int rank, size;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<Communicator> communicator;
  c10::intrusive_ptr<c10d::ProcessGroup> group;  // what the Reducer wants: the communicator, or what holds it
  std::map<int64_t, std::unique_ptr<c10d::Reducer>> reducers;
};

// Communicator of a backend by name, or null where this build has none of that name.
c10::intrusive_ptr<Communicator> communicator_of(const std::string& backend, const std::string& host, Team& team,
                                                 std::chrono::milliseconds timeout);
c10::intrusive_ptr<c10d::ProcessGroup> group_of(const std::string& backend, Team& team);

// Adds the time that it lives to what this process has spent with the others.
class Communication {
 public:
  Communication() = default;
  Communication(const Communication&) = delete;
  ~Communication() { add(Clock::now() - start); }
  using Clock = std::chrono::steady_clock;
  static void add(Clock::duration duration) { spent += std::chrono::nanoseconds(duration).count(); }
  static double seconds() { return 1e-9 * static_cast<double>(spent.load()); }

 private:
  const Clock::time_point start = Clock::now();
  static std::atomic<int64_t> spent;
};

// The collectives wait; a lost peer or a time-out throws.
void all_reduce(Team& team, at::Tensor& contiguous, c10d::ReduceOp::RedOpType op);
at::Tensor all_gather(Team& team, const at::Tensor& rows);
// Rows of all ranks, rank after rank; the gradient of the own rows is `factor` times the sum over the ranks.
at::Tensor gather_rows(const at::Tensor& rows, double factor);
// The team of this process, or throws.
Team& current_team();

}  // namespace bridge
#define ARCFACE_DISTRIBUTED 1
#endif
