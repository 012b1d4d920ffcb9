// Graphs of CUDA: the kernels of a step, recorded once and launched together from then on.
#include "bridge.h"

#ifdef ARCFACE_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <map>
#include <memory>
#endif

namespace bridge {

namespace {

// Lets cuDNN try its algorithms for each new shape, and keep the fastest.
napi_value try_algorithms(napi_env env, napi_callback_info) {
  return guard(env, [&]() -> napi_value {
    at::globalContext().setBenchmarkCuDNN(true);
    return nullptr;
  });
}

#ifdef ARCFACE_CUDA
struct Recorded {
  c10::Device device;
  at::cuda::CUDAGraph graph;
};
std::map<int64_t, std::unique_ptr<Recorded>> recorded;
int64_t next_graph = 0;

// recordGraph(device, body): a number to replay it by. What `body` launches on the device is recorded and not run; it must
// wait for nothing there. Tensors that it makes live in memory of the graph's own, and have their values after a replay.
napi_value record_graph(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    const auto device = to_device(env, args[0], "device");
    const c10::cuda::CUDAGuard on_device(device);
    std::unique_ptr<Recorded> made(new Recorded{device, {}});
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();
    // A graph cannot be recorded on the default stream.
    const c10::cuda::CUDAStreamGuard on_stream(c10::cuda::getStreamFromPool(false, c10::cuda::current_device()));
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    made->graph.capture_begin();
    const auto status = napi_call_function(env, nothing, args[1], 0, nullptr, nullptr);
    try {
      made->graph.capture_end();
    } catch (const std::exception&) {
      if (status == napi_ok) throw;
    }
    if (status != napi_ok) throw Pending();
    recorded[next_graph] = std::move(made);
    return from_int(env, next_graph++);
  });
}

Recorded& graph_of(napi_env env, napi_callback_info info) {
  const auto found = recorded.find(to_int(env, arguments(env, info)[0], "graph"));
  if (found == recorded.end()) fail(env, "TORCH_ARGUMENT", "no recorded graph has this number");
  return *found->second;
}
napi_value replay_graph(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    auto& one = graph_of(env, info);
    const c10::cuda::CUDAGuard on_device(one.device);
    one.graph.replay();
    return nullptr;
  });
}
napi_value drop_graph(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    // What it launched last may still run.
    const c10::cuda::CUDAGuard on_device(graph_of(env, info).device);
    c10::cuda::device_synchronize();
    recorded.erase(to_int(env, arguments(env, info)[0], "graph"));
    return nullptr;
  });
}
#endif

}  // namespace

void register_cuda(napi_env env, napi_value exports) {
  define(env, exports, "tryAlgorithms", try_algorithms);
#ifdef ARCFACE_CUDA
  define(env, exports, "recordGraph", record_graph);
  define(env, exports, "replayGraph", replay_graph);
  define(env, exports, "dropGraph", drop_graph);
  // Graphs must be gone before the libraries that they belong to.
  napi_add_env_cleanup_hook(env, [](void*) { recorded.clear(); }, nullptr);
#endif
}

}  // namespace bridge
