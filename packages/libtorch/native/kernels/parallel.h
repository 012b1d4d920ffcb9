// How the kernels share their work among libtorch's threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>

namespace arcface {

// Runs `body(task)` for each of 0 .. tasks - 1. The next task goes to the first thread that is free: one whose core
// another process uses too gets fewer of them, where equal shares would let all others wait for it. A task writes to
// places of its own, so that nothing depends on which thread it met.
template <typename F>
void deal(int64_t tasks, const F& body) {
  std::atomic<int64_t> next{0};
  at::parallel_for(0, std::min<int64_t>(tasks, at::get_num_threads()), 1, [&](int64_t, int64_t) {
    for (int64_t task = next++; task < tasks; task = next++) body(task);
  });
}

// The same in tasks of up to `grain` of 0 .. count - 1: `body(begin, end)`.
template <typename F>
void deal_ranges(int64_t count, int64_t grain, const F& body) {
  deal((count + grain - 1) / grain, [&](int64_t task) { body(task * grain, std::min(count, (task + 1) * grain)); });
}

}  // namespace arcface
