#include "bounds/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "bounds/interval.h"

namespace overproof {

namespace {
std::atomic<int> default_threads = 0;
}

void set_default_threads(int threads) { default_threads = threads; }

int worker_count(long count, int threads) {
  if (threads <= 0) threads = default_threads;
  const long wanted = threads > 0 ? threads : static_cast<long>(std::thread::hardware_concurrency());
  return static_cast<int>(std::max(1L, std::min(wanted, count)));
}

void parallel_for(long count, int threads, const std::function<void(int worker, long i)>& body) {
  const int workers = worker_count(count, threads);
  std::atomic<long> next = 0;
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(workers));
  const auto work = [&](int worker) {
    try {
      for (long i = next++; i < count; i = next++) body(worker, i);
    } catch (...) {
      errors[static_cast<std::size_t>(worker)] = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    for (int worker = 1; worker < workers; ++worker) {
      others.emplace_back([&work, worker] {
        work(worker);
        Interval::free_thread_caches();
      });
    }
    work(0);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace overproof
