#include "bounds/variance_classes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace overproof {

namespace {

/// Finds variances in a list.
class Index {
 public:
  explicit Index(const std::vector<Interval>& list) : list_(list) {
    for (std::size_t i = 0; i < list.size(); ++i) add(i);
  }
  void add(std::size_t i) { by_end_.emplace(key(list_[i]), i); }
  /// The number of one with these ends and precision.
  [[nodiscard]] std::optional<std::size_t> find(const Interval& x) const {
    const auto [begin, end] = by_end_.equal_range(key(x));
    const auto found = std::find_if(begin, end, [&](const auto& entry) {
      const Interval& other = list_[entry.second];
      return same_ends(other, x) && other.precision() == x.precision();
    });
    if (found == end) return {};
    return found->second;
  }

 private:
  static double key(const Interval& x) { return x.is_nan() ? -1 : x.lower(); }
  const std::vector<Interval>& list_;
  std::unordered_multimap<double, std::size_t> by_end_;
};

constexpr std::size_t worth_a_series = 3;  // it costs little more than two expansions

/// The least m 2^e, m = 8..16, that bounds a variance; 0 for none.
double piece_end(const Interval& variance) {
  if (!variance.is_bounded()) return 0;
  int e = 0;
  const double part = std::frexp(variance.upper(), &e);
  return std::ldexp(std::ceil(16 * part), e - 4);
}

/// Variances of a list that share a series.
struct Piece {
  Interval top;
  std::vector<std::size_t> members;
  SharedSeries::Piece* shared;
  bool usable = false;  ///< the series is there, long enough and sharp
};

std::vector<Piece> pieces(const std::vector<Interval>& variances, Part part, SharedSeries& shared) {
  std::map<double, std::vector<std::size_t>> by_end;
  for (std::size_t c = 0; c < variances.size(); ++c) {
    const double end = piece_end(variances[c]);
    if (VarianceSeries::covers(Interval::exact(end), variances[c])) by_end[end].push_back(c);
  }
  std::vector<Piece> out;
  for (const auto& [end, members] : by_end) {
    SharedSeries::Piece& piece = shared.ending_with(end, part);
    piece.variances += members.size();
    if (piece.variances >= worth_a_series) out.push_back({Interval::exact(end), members, &piece});
  }
  return out;
}

}  // namespace

VarianceClasses::VarianceClasses(const DualActivation& dual, Part part, const Interval& scale,
                                 const std::vector<Interval>& variances, int threads,
                                 VarianceClasses previous, SharedSeries* shared_series) {
  Index index(variances_);
  for (const Interval& s : variances) {
    const std::optional<std::size_t> known = index.find(s);
    which_.push_back(known.value_or(variances_.size()));
    if (known) continue;
    variances_.push_back(s);
    index.add(which_.back());
  }
  const Index before(previous.variances_);
  if (std::all_of(variances_.begin(), variances_.end(), [&](const Interval& s) { return before.find(s); })) {
    for (std::size_t& c : which_) c = *before.find(variances_[c]);
    variances_ = std::move(previous.variances_);
    factors_ = std::move(previous.factors_);
    return;
  }
  const auto largest =
      std::max_element(variances_.begin(), variances_.end(), [](const auto& a, const auto& b) {
        return std::isnan(b.mid()) ? false : std::isnan(a.mid()) || a.mid() < b.mid();
      });
  const auto first = static_cast<std::size_t>(largest - variances_.begin());
  const auto count = static_cast<long>(variances_.size());
  std::vector<GaussianQuadrature> quadratures(static_cast<std::size_t>(worker_count(count, threads)),
                                              GaussianQuadrature(dual.precision()));
  SharedSeries own;
  std::vector<Piece> shared = dual.has_closed_form()
                                  ? std::vector<Piece>{}
                                  : pieces(variances_, part, shared_series ? *shared_series : own);
  std::vector<Piece*> piece_of(variances_.size(), nullptr);
  for (Piece& piece : shared) {
    for (const std::size_t c : piece.members) piece_of[c] = &piece;
  }
  const auto make_series = [&](Piece& piece, int worker, int least) {
    std::optional<VarianceSeries>& series = piece.shared->series;
    if (!series || series->terms() < least)
      series = dual.series(part, piece.top, quadratures[static_cast<std::size_t>(worker)], least);
    piece.usable = dual.is_sharp(*series);
  };
  const auto make_factor = [&](std::size_t c, int worker, int least) {
    factors_[c] =
        piece_of[c] && piece_of[c]->usable
            ? dual.factor(*piece_of[c]->shared->series, variances_[c], scale)
            : dual.factor(part, variances_[c], scale, quadratures[static_cast<std::size_t>(worker)], least);
  };
  // The largest variance takes the most terms; the others get as many.
  factors_.resize(variances_.size());
  if (piece_of[first]) make_series(*piece_of[first], 0, 1);
  make_factor(first, 0, 1);
  const int least = factors_[first].terms();
  parallel_for(static_cast<long>(shared.size()), threads, [&](int worker, long i) {
    Piece& piece = shared[static_cast<std::size_t>(i)];
    if (&piece != piece_of[first]) make_series(piece, worker, least);
  });
  parallel_for(count, threads, [&](int worker, long i) {
    const auto c = static_cast<std::size_t>(i);
    if (c != first) make_factor(c, worker, least);
  });
}

}  // namespace overproof
