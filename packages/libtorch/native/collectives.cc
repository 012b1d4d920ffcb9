// Communicators and collectives of c10d.
#include "distributed.h"

#ifdef ARCFACE_DISTRIBUTED
#include <netdb.h>
#include <sys/socket.h>
#include <torch/csrc/autograd/custom_function.h>
#include <unistd.h>

#include <cstdlib>

namespace bridge {

namespace {

#ifdef USE_C10D_GLOO
// The address of this machine from which `host` is reached. What the machine calls itself is often 127.0.1.1, at which
// no other one finds it.
std::string address_towards(const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(host.c_str(), "9", &hints, &found) != 0) return "";
  std::string result;
  for (auto* at = found; at && result.empty(); at = at->ai_next) {
    const int file = socket(at->ai_family, SOCK_DGRAM, 0);
    if (file < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    char text[NI_MAXHOST];
    // A datagram socket that connects sends nothing; it only chooses the route.
    if (connect(file, at->ai_addr, at->ai_addrlen) == 0 &&
        getsockname(file, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
        getnameinfo(reinterpret_cast<sockaddr*>(&own), length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      result = text;
    close(file);
  }
  freeaddrinfo(found);
  return result;
}

std::shared_ptr<gloo::transport::Device> gloo_device(const std::string& host) {
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"))
    return c10d::ProcessGroupGloo::createDeviceForInterface(name);
  const auto address = address_towards(host);
  return address.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                         : c10d::ProcessGroupGloo::createDeviceForHostname(address);
}
#endif

struct GatherRows : torch::autograd::Function<GatherRows> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& rows, double factor) {
    context->saved_data["factor"] = factor;
    return all_gather(current_team(), rows);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto& team = current_team();
    auto sum = gradients[0].contiguous().clone();
    all_reduce(team, sum, c10d::ReduceOp::SUM);
    const auto rows = sum.size(0) / team.size;
    return {sum.narrow(0, team.rank * rows, rows) * context->saved_data["factor"].toDouble(), at::Tensor()};
  }
};

}  // namespace

std::atomic<int64_t> Communication::spent{0};

c10::intrusive_ptr<Communicator> communicator_of(const std::string& backend, const std::string& host, Team& team,
                                                 std::chrono::milliseconds timeout) {
#ifdef USE_C10D_GLOO
  if (backend == "gloo") {
    auto options = c10d::ProcessGroupGloo::Options::create(timeout);
    options->devices.push_back(gloo_device(host));
    options->threads = 2;
    return c10::make_intrusive<c10d::ProcessGroupGloo>(team.store, team.rank, team.size, options);
  }
#endif
#ifdef USE_C10D_NCCL
  if (backend == "nccl") {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = timeout;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(team.store, team.rank, team.size, options);
  }
#endif
  return {};
}

c10::intrusive_ptr<c10d::ProcessGroup> group_of(const std::string& backend, Team& team) {
#if TORCH_VERSION_MAJOR >= 2
  const bool gloo = backend == "gloo";
#if TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 6
  auto group = c10::make_intrusive<c10d::ProcessGroup>(team.store, team.rank, team.size,
                                                       c10::make_intrusive<c10d::ProcessGroup::Options>(backend));
#else
  auto group = c10::make_intrusive<c10d::ProcessGroup>(team.store, team.rank, team.size);
#endif
  const auto type = gloo ? c10d::ProcessGroup::BackendType::GLOO : c10d::ProcessGroup::BackendType::NCCL;
  group->setBackend(gloo ? at::kCPU : at::kCUDA, type, team.communicator);
  return group;
#else
  return team.communicator;
#endif
}

void all_reduce(Team& team, at::Tensor& contiguous, c10d::ReduceOp::RedOpType op) {
  Communication timed;
  std::vector<at::Tensor> tensors{contiguous};
  c10d::AllreduceOptions options;
  options.reduceOp = op;
  team.communicator->allreduce(tensors, options)->wait();
}

at::Tensor all_gather(Team& team, const at::Tensor& rows) {
  Communication timed;
  std::vector<at::Tensor> own{rows.contiguous()};
  std::vector<std::vector<at::Tensor>> all(1);
  for (int i = 0; i < team.size; i++) all[0].push_back(at::empty_like(own[0]));
  team.communicator->allgather(all, own)->wait();
  return at::cat(all[0]);
}

at::Tensor gather_rows(const at::Tensor& rows, double factor) { return GatherRows::apply(rows, factor); }

}  // namespace bridge
#endif
