#pragma once

#include <functional>

namespace overproof {

/// Calls body(worker, i) once for each i in 0..count-1, on `threads` threads (0: the default), worker <
/// worker_count(count, threads) being the number of the calling thread. Which worker gets which i is not
/// determined, so body must give the same for all. An exception of body ends the loop and is thrown again.
void parallel_for(long count, int threads, const std::function<void(int worker, long i)>& body);

/// What 0 threads means from now on in the whole process: this many; 0, as at the start: one for each core.
void set_default_threads(int threads);

/// How many threads parallel_for takes: at least 1, at most `count`.
[[nodiscard]] int worker_count(long count, int threads);

}  // namespace overproof
