"""Compares overproof with other programs on the same problems, in turns, in one run.

Prints a table and writes it as JSON. Exit code 1 if a peer's value is further from our enclosure than rounding explains.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import flint
import mpmath
import numpy as np
import scipy.linalg
import scipy.sparse.linalg

THREADS = int(os.environ["OPENBLAS_NUM_THREADS"])  # of BLAS, ours and the peers'; run.sh sets it
ARB_BITS = 128
ARB_LARGEST = 1000
UNIT = 2.0**-53


@dataclass(frozen=True)
class Peer:
    """Someone else's solution: `solve` is timed and gives the number, or None where it proves or factors only."""

    name: str
    solve: Callable[[], Fraction | None]
    error: Fraction = Fraction(0)  # what its rounding explains


@dataclass(frozen=True)
class Row:
    case: str
    n: int
    ours_s: float
    peer: str
    peer_s: float
    turns: int
    width: float  # relative, of our enclosure
    n2: float | None  # peak memory of our process, in n^2 doubles
    inside: bool | None  # is the peer's value in our enclosure?
    off: float | None  # relative distance of the peer's value to our enclosure
    explained: bool  # by the peer's own rounding

    @property
    def ratio(self) -> float:
        return self.ours_s / self.peer_s


class Ours:
    """overproof, holding one problem."""

    def __init__(self, program: Path, *problem: object) -> None:
        self.program = program
        command = [str(program), *map(str, problem)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.solve()  # the problem is set up, and no first call is timed

    def solve(self) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.program} ended with exit code {self.process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        self.process.communicate()


def race(case: str, n: int, ours: Ours, peer: Peer) -> Row:
    """Ours, the peer, ours, the peer...: seven turns, three when they are long, one when they take minutes."""
    our_times: list[float] = []
    peer_times: list[float] = []
    start = time.perf_counter()
    while True:
        answer = ours.solve()
        our_times.append(answer["seconds"])
        before = time.perf_counter()
        value = peer.solve()
        peer_times.append(time.perf_counter() - before)
        spent, turns = time.perf_counter() - start, len(our_times)
        if turns == 7 or (turns >= 3 and spent > 10) or spent > 60:
            break
    inside: bool | None = None
    off: float | None = None
    explained = True
    if value is not None:
        lower, upper = Fraction(answer["lower"]), Fraction(answer["upper"])
        distance = max(lower - value, value - upper, Fraction(0))
        inside, off, explained = distance == 0, float(distance / abs(lower)), distance <= peer.error
    return Row(
        case=case,
        n=n,
        ours_s=median(our_times),
        peer=peer.name,
        peer_s=median(peer_times),
        turns=turns,
        width=answer["width"],
        n2=answer.get("n2"),
        inside=inside,
        off=off,
        explained=explained,
    )


def arb_cholesky(K: np.ndarray) -> Peer:
    """Cholesky in balls, by the library inside python-flint, which has no name for it."""
    (library,) = (Path(flint.__file__).parents[1] / "python_flint.libs").glob("libflint*")
    arb = ctypes.CDLL(str(library))
    arb.arb_mat_entry_ptr.restype = ctypes.c_void_p
    arb.flint_set_num_threads(THREADS)
    n = len(K)
    # larger than arb_mat_struct
    A, L = ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
    size = ctypes.c_long(n)
    for matrix in (A, L):
        arb.arb_mat_init(matrix, size, size)
    for i in range(n):
        for j in range(n):
            at = arb.arb_mat_entry_ptr(A, ctypes.c_long(i), ctypes.c_long(j))
            arb.arb_set_d(ctypes.c_void_p(at), ctypes.c_double(K[i, j]))

    def solve() -> None:
        if not arb.arb_mat_cho(L, A, ctypes.c_long(ARB_BITS)):
            raise RuntimeError("Arb did not find the matrix positive definite")

    return Peer(f"Arb Cholesky, {ARB_BITS} bits", solve)


def eigenvalue_peers(K: np.ndarray) -> Iterator[Peer]:
    # what a backward stable method may be off
    error = Fraction(len(K) * UNIT * float(np.linalg.norm(K)))

    def factor() -> None:
        scipy.linalg.cholesky(K, check_finite=False)

    yield Peer("numpy eigvalsh", lambda: Fraction(float(np.linalg.eigvalsh(K)[0])), error)
    yield Peer(
        "scipy eigh, the least",
        lambda: Fraction(float(scipy.linalg.eigh(K, eigvals_only=True, subset_by_index=[0, 0])[0])),
        error,
    )
    yield Peer(
        "scipy eigsh, shift-invert",
        lambda: Fraction(float(scipy.sparse.linalg.eigsh(K, k=1, sigma=0.0, return_eigenvectors=False)[0])),
        error,
    )
    yield Peer("scipy cholesky (dpotrf)", factor)
    if len(K) <= ARB_LARGEST:
        yield arb_cholesky(K)


def fraction(x: mpmath.mpf) -> Fraction:
    sign, mantissa, exponent, _ = x._mpf_
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent


def mpmath_hilbert(n: int, digits: int) -> Peer:
    """As many digits of the least eigenvalue: so many more are carried as it is smaller than the norm."""
    carried = digits + 45

    def solve() -> Fraction:
        with mpmath.workdps(carried):
            H = mpmath.matrix(n, n)
            for i in range(n):
                for j in range(n):
                    H[i, j] = mpmath.mpf(1) / (i + j + 1)
            return fraction(min(mpmath.eigsy(H, eigvals_only=True)))

    return Peer(f"mpmath eigsy, {carried} digits", solve, Fraction(10 * n, 10**carried))


def mpmath_hermite(k: int, digits: int) -> Peer:
    """E softplus(z) He_k(z)/sqrt(k!)."""

    def polynomial(x: mpmath.mpf) -> mpmath.mpf:
        before, last = mpmath.mpf(0), mpmath.mpf(1)
        for j in range(k):  # √(j + 1) h_{j+1} = x h_j − √j h_{j−1}
            before, last = last, (x * last - mpmath.sqrt(j) * before) / mpmath.sqrt(j + 1)
        return last

    def solve() -> Fraction:
        with mpmath.workdps(digits):
            return fraction(
                mpmath.quad(
                    lambda x: mpmath.log1p(mpmath.exp(x)) * polynomial(x) * mpmath.npdf(x),
                    [-mpmath.inf, 0, mpmath.inf],
                )
            )

    return Peer(f"mpmath quad, {digits} digits", solve, Fraction(10, 10**digits))


def rows(program: Path, folder: Path, sizes: list[int]) -> Iterator[Row]:
    for n in sizes:
        file = folder / f"kernel_{n}.npy"
        ours = Ours(program, "kernel", n, file)
        K = np.load(file)
        for peer in eigenvalue_peers(K):
            yield race("kernel", n, ours, peer)
        ours.close()
        file.unlink()
    for case, n, digits, make in (
        ("hilbert", 30, 60, mpmath_hilbert),
        ("hermite", 8, 30, mpmath_hermite),
    ):
        ours = Ours(program, case, n, digits)
        yield race(case, n, ours, make(n, digits))
        ours.close()


HEADER = (
    f"{'case':<8}{'n':>6}{'ours [s]':>11}  {'peer':<26}{'[s]':>10}{'ours/peer':>11}{'turns':>6}"
    f"{'width':>9}{'n^2':>6}  peer's value"
)


def line(row: Row) -> str:
    found = "-" if row.off is None else "inside" if row.inside else f"off by {row.off:.0e}"
    memory = "" if row.n2 is None else f"{row.n2:.2f}"
    return (
        f"{row.case:<8}{row.n:>6}{row.ours_s:>11.4g}  {row.peer:<26}{row.peer_s:>10.4g}{row.ratio:>11.3g}"
        f"{row.turns:>6}{row.width:>9.0e}{memory:>6}  {found}{'' if row.explained else ' UNEXPLAINED'}"
    )


def growth(done: list[Row]) -> dict[str, float]:
    """The exponents of n, fitted from n = 500 on."""
    kernel = [row for row in done if row.case == "kernel" and row.n >= 500]
    times = {"ours": {n: median(r.ours_s for r in kernel if r.n == n) for n in {r.n for r in kernel}}}
    for row in kernel:
        times.setdefault(row.peer, {})[row.n] = row.peer_s
    return {
        name: float(np.polyfit(np.log(list(of.keys())), np.log(list(of.values())), 1)[0])
        for name, of in times.items()
        if len(of) > 1
    }


@dataclass(frozen=True)
class Target:
    text: str
    value: float
    met: bool


def targets(done: list[Row]) -> Iterator[Target]:
    for row in done:
        if row.case != "kernel":
            continue
        most = {1000: 1.0, 4000: 0.5}.get(row.n)
        if most and row.peer == "numpy eigvalsh":
            yield Target(f"n = {row.n}: time to eigvalsh <= {most}", row.ratio, row.ratio <= most)
        if row.n == 1000 and row.peer.startswith("Arb"):
            yield Target("n = 1000: times faster than Arb >= 200", 1 / row.ratio, row.ratio <= 1 / 200)
        if row.n == 10000 and row.peer == "numpy eigvalsh":
            yield Target("n = 10000: seconds <= 180", row.ours_s, row.ours_s <= 180)
            memory = row.n2 or float("nan")
            yield Target("n = 10000: memory in n^2 doubles <= 3", memory, memory <= 3)
    widest = max(row.width for row in done)
    yield Target("every relative width <= 1e-8", widest, widest <= 1e-8)


def context() -> dict[str, Any]:
    packages = ("numpy", "scipy", "mpmath", "python-flint", "gmpy2")
    models = [text for text in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in text]
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": models[0].split(": ")[1] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": THREADS,
        "load_before": os.getloadavg()[0],
        "images": os.environ.get("OVERPROOF_MNIST", "strokes"),
        **{name: version(name) for name in packages},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="overproof_ours")
    parser.add_argument("--out", type=Path, required=True, help="folder of peers.json and of the matrices")
    parser.add_argument("--sizes", type=int, nargs="*", default=[250, 500, 1000, 2000, 4000])
    parser.add_argument("--large", action="store_true", help="also n = 10000: many minutes, about 5 GB")
    options = parser.parse_args()
    about = context()
    print(" ".join(f"{key}={value}" for key, value in about.items()), HEADER, sep="\n\n", flush=True)
    done: list[Row] = []
    for row in rows(options.program, options.out, options.sizes + [10000] * options.large):
        done.append(row)
        print(line(row), flush=True)
    exponents, judged = growth(done), list(targets(done))
    print()
    for name, power in exponents.items():
        print(f"time from n = 500 on grows like n^{power:.2f}: {name}")
    for target in judged:
        print(f"{'met   ' if target.met else 'MISSED'}  {target.text}: {target.value:.3g}")
    about["load_after"] = os.getloadavg()[0]
    result = {
        "context": about,
        "rows": [{**asdict(row), "ratio": row.ratio} for row in done],
        "growth": exponents,
        "targets": [asdict(target) for target in judged],
    }
    (options.out / "peers.json").write_text(json.dumps(result, indent=2) + "\n")
    return 0 if all(row.explained for row in done) else 1


if __name__ == "__main__":
    sys.exit(main())
