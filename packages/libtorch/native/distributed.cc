// c10d for JavaScript: joining, collectives, the store, the Reducer.
#include "distributed.h"

#include "bridge.h"

#ifdef ARCFACE_DISTRIBUTED
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/engine.h>

#include <algorithm>
#endif

namespace bridge {

#ifdef ARCFACE_DISTRIBUTED
namespace {
std::unique_ptr<Team> team;
int64_t next_reducer = 0;

bool has(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) != std::string::npos) return true;
  return false;
}

// `guard`, with codes for what happens between processes.
template <typename Body>
napi_value communicate(napi_env env, Body body) {
  return guard(env, [&]() -> napi_value {
    std::string text;
    try {
      return body();
    } catch (const Pending&) {
      throw;
    } catch (const c10::Error& error) {
      text = error.what_without_backtrace();
    } catch (const std::exception& error) {
      text = error.what();
    }
    const char* code = "TORCH_ENGINE";
    if (has(text, {"ddress already in use", "EADDRINUSE"})) code = "TORCH_PORT";
    else if (has(text, {"imed out", "imeout"})) code = "TORCH_TIMEOUT";
    else if (has(text, {"gloo", "NCCL", "onnection", "roken pipe", "ocket"})) code = "TORCH_PEER_LOST";
    fail(env, code, text);
  });
}

at::Tensor tensor_of(napi_env env, napi_value value) { return unwrap_tensor(env, value, "tensor"); }

// A file, where one is named: the store of c10d that is a server listens on all addresses of the machine, for anybody.
c10::intrusive_ptr<c10d::Store> store_at(const std::string& file, const std::string& host, uint16_t port, const Team& team,
                                         std::chrono::milliseconds timeout) {
  if (!file.empty()) {
    auto store = c10::make_intrusive<c10d::FileStore>(file, team.size);
    store->setTimeout(timeout);
    return store;
  }
  c10d::TCPStoreOptions options;
  options.port = port;
  options.isServer = team.rank == 0;
  options.numWorkers = static_cast<size_t>(team.size);
  options.timeout = timeout;
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

// joinTeam(backend, rank, size, host, port, timeout in ms, file or empty)
napi_value join_team(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    if (team) fail(env, "TORCH_GROUP", "this process is in a group already; destroy that one first");
    Args args = arguments(env, info);
    const auto backend = to_string(env, args[0], "backend"), host = to_string(env, args[3], "masterAddr");
    auto made = std::make_unique<Team>();
    made->owner = env;
    made->rank = static_cast<int>(to_int(env, args[1], "rank"));
    made->size = static_cast<int>(to_int(env, args[2], "worldSize"));
    const std::chrono::milliseconds timeout(to_int(env, args[5], "timeout"));
    const auto port = static_cast<uint16_t>(to_int(env, args[4], "masterPort"));
    made->store = store_at(to_string(env, args[6], "masterFile"), host, port, *made, timeout);
    made->communicator = communicator_of(backend, host, *made, timeout);
    if (!made->communicator) fail(env, "TORCH_GROUP", "this libtorch has no backend " + backend);
    made->group = group_of(backend, *made);
    team = std::move(made);
    return nullptr;
  });
}

void close_communicator() {
  if (!team) return;
  team->reducers.clear();
  team->group.reset();
  team->communicator.reset();
}

// leaveTeam(keepStore): closes the connections to the other ranks, whose collectives then fail.
napi_value leave_team(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    const bool keep_store = to_bool(env, arguments(env, info)[0], "keepStore");
    close_communicator();
    if (!keep_store) team.reset();
    return nullptr;
  });
}

napi_value team_all_reduce(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    auto tensor = tensor_of(env, args[0]).detach();
    auto flat = tensor.contiguous();
    const auto op = to_string(env, args[1], "reduction") == "max" ? c10d::ReduceOp::MAX : c10d::ReduceOp::SUM;
    all_reduce(current_team(), flat, op);
    if (!flat.is_same(tensor)) tensor.copy_(flat);
    return nullptr;
  });
}

// teamBroadcast(tensors, root): in few messages, however many tensors.
napi_value team_broadcast(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    auto tensors = to_tensors(env, args[0], "tensors");
    for (auto& tensor : tensors) tensor = tensor.detach();
    current_team();
    c10d::broadcast_coalesced(team->group, tensors, 64 << 20, static_cast<int>(to_int(env, args[1], "root")));
    return nullptr;
  });
}

napi_value team_all_gather(napi_env env, napi_callback_info info) {
  return communicate(env, [&] {
    return wrap(env, all_gather(current_team(), tensor_of(env, arguments(env, info)[0]).detach()));
  });
}
napi_value team_gather_rows(napi_env env, napi_callback_info info) {
  return communicate(env, [&] {
    Args args = arguments(env, info);
    return wrap(env, gather_rows(tensor_of(env, args[0]), static_cast<double>(to_int(env, args[1], "gradientFactor"))));
  });
}

napi_value team_barrier(napi_env env, napi_callback_info) {
  return communicate(env, [&]() -> napi_value {
    current_team().communicator->barrier()->wait();
    return nullptr;
  });
}

c10d::Store& store(napi_env env) {
  if (!team) fail(env, "TORCH_GROUP", "this process is in no group of processes");
  return *team->store;
}
napi_value store_set(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    const auto value = to_string(env, args[1], "value");
    store(env).set(to_string(env, args[0], "key"), std::vector<uint8_t>(value.begin(), value.end()));
    return nullptr;
  });
}
napi_value store_get(napi_env env, napi_callback_info info) {
  return communicate(env, [&] {
    const auto value = store(env).get(to_string(env, arguments(env, info)[0], "key"));
    return from_string(env, std::string(value.begin(), value.end()));
  });
}
napi_value store_check(napi_env env, napi_callback_info info) {
  return communicate(env,
                     [&] { return from_bool(env, store(env).check({to_string(env, arguments(env, info)[0], "key")})); });
}

// The Reducer took limits of its buckets before the group, and takes those of buckets to be rebuilt last from some version
// between 2.6 and 2.11 on.
using Names = std::unordered_map<size_t, std::string>;
using Buckets = std::vector<std::vector<size_t>>;
using Group = c10::intrusive_ptr<c10d::ProcessGroup>;
template <typename Reducer>
using LimitsFirst = std::is_constructible<Reducer, std::vector<at::Tensor>, Buckets, std::vector<size_t>, Group,
                                          std::vector<bool>, int64_t, bool, bool, Names, int64_t>;
template <typename Reducer>
std::unique_ptr<Reducer> new_reducer(const std::vector<at::Tensor>& params, const Buckets& buckets,
                                     const std::vector<size_t>& limits, const Group& group, const std::vector<bool>& sparse,
                                     int64_t bytes, int64_t first, std::true_type) {
  return std::make_unique<Reducer>(params, buckets, limits, group, sparse, bytes, false, true, Names{}, first);
}
template <typename Reducer>
std::unique_ptr<Reducer> new_reducer(const std::vector<at::Tensor>& params, const Buckets& buckets,
                                     const std::vector<size_t>&, const Group& group, const std::vector<bool>& sparse,
                                     int64_t bytes, int64_t first, std::false_type) {
  return std::make_unique<Reducer>(params, buckets, group, sparse, bytes, false, true, Names{}, first, false, false,
                                   std::vector<int64_t>{first, bytes});
}

// reducer(params, bucketBytes): PyTorch's, with the buckets that its DistributedDataParallel makes.
napi_value make_reducer(napi_env env, napi_callback_info info) {
  return communicate(env, [&] {
    Args args = arguments(env, info);
    const auto params = to_tensors(env, args[0], "params");
    const auto bytes = static_cast<size_t>(to_int(env, args[1], "bucketBytes"));
    const size_t first = std::min(bytes, static_cast<size_t>(c10d::kDefaultFirstBucketBytes));
    const std::vector<bool> sparse(params.size(), false);
    std::vector<std::vector<size_t>> buckets;
    std::vector<size_t> limits;
    std::tie(buckets, limits) = c10d::compute_bucket_assignment_by_size(params, {first, bytes}, sparse);
    // Backward comes from the end of the network.
    std::reverse(buckets.begin(), buckets.end());
    std::reverse(limits.begin(), limits.end());
    auto& own = current_team();
    own.reducers[next_reducer] =
        new_reducer<c10d::Reducer>(params, buckets, limits, own.group, sparse, bytes, first, LimitsFirst<c10d::Reducer>{});
    return from_int(env, next_reducer++);
  });
}

// reducerBackward(reducer, loss): gradients of the loss, averaged over the ranks while they come.
napi_value reducer_backward(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    const auto loss = tensor_of(env, args[1]);
    auto& reducer = *current_team().reducers.at(to_int(env, args[0], "reducer"));
    if (reducer.should_rebuild_buckets()) reducer.rebuild_buckets();
    reducer.prepare_for_forward();
    reducer.prepare_for_backward({});
    // The Reducer waits for its last buckets after the last gradient, in a callback like this one but queued later.
    auto computed = std::make_shared<Communication::Clock::time_point>(Communication::Clock::now());
    if (loss.requires_grad())
      loss.register_hook([computed](const at::Tensor&) {
        torch::autograd::Engine::get_default_engine().queue_callback(
            [computed] { *computed = Communication::Clock::now(); });
      });
    torch::autograd::backward({loss}, {});
    Communication::add(Communication::Clock::now() - *computed);
    return nullptr;
  });
}

napi_value drop_reducer(napi_env env, napi_callback_info info) {
  return communicate(env, [&]() -> napi_value {
    if (team) team->reducers.erase(to_int(env, arguments(env, info)[0], "reducer"));
    return nullptr;
  });
}

napi_value communication_seconds(napi_env env, napi_callback_info) { return from_double(env, Communication::seconds()); }

napi_value backends(napi_env env) {
  napi_value list;
  napi_create_array(env, &list);
  [[maybe_unused]] uint32_t count = 0;
#ifdef USE_C10D_GLOO
  napi_set_element(env, list, count++, from_string(env, "gloo"));
#endif
#ifdef USE_C10D_NCCL
  napi_set_element(env, list, count++, from_string(env, "nccl"));
#endif
  return list;
}
}  // namespace

Team& current_team() {
  TORCH_CHECK(team && team->communicator, "this process is in no group of processes");
  return *team;
}

void register_distributed(napi_env env, napi_value exports) {
  napi_set_named_property(env, exports, "backends", backends(env));
  define(env, exports, "joinTeam", join_team);
  define(env, exports, "leaveTeam", leave_team);
  define(env, exports, "teamAllReduce", team_all_reduce);
  define(env, exports, "teamBroadcast", team_broadcast);
  define(env, exports, "teamAllGather", team_all_gather);
  define(env, exports, "teamGatherRows", team_gather_rows);
  define(env, exports, "teamBarrier", team_barrier);
  define(env, exports, "storeSet", store_set);
  define(env, exports, "storeGet", store_get);
  define(env, exports, "storeCheck", store_check);
  define(env, exports, "makeReducer", make_reducer);
  define(env, exports, "reducerBackward", reducer_backward);
  define(env, exports, "dropReducer", drop_reducer);
  define(env, exports, "communicationSeconds", communication_seconds);
  // Threads of the communicator must be gone before the libraries that they run in; other threads of JavaScript may end
  // before.
  napi_add_env_cleanup_hook(
      env,
      [](void* ended) {
        if (!team || team->owner != ended) return;
        close_communicator();
        team.reset();
      },
      env);
}
#else
void register_distributed(napi_env env, napi_value exports) {
  napi_value none;
  napi_create_array(env, &none);
  napi_set_named_property(env, exports, "backends", none);
}
#endif

}  // namespace bridge
