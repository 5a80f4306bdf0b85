#!/usr/bin/env bash
# The command line from outside. Usage: cli_test.sh PROGRAM SOURCE_FOLDER
set -u
program=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# expect NAME EXIT_CODE PATTERN COMMAND...: the exit code, and a line of stdout or stderr that matches ("" for none).
expect() {
  local name=$1 code=$2 pattern=$3 output got
  shift 3
  output=$("$@" 2>&1)
  got=$?
  if [ "$got" -eq "$code" ] && { [ -z "$pattern" ] || grep -qE -- "$pattern" <<<"$output"; }; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s: exit code %s (expected %s), pattern "%s"; output:\n%s\n' "$name" "$got" "$code" "$pattern" "$output"
  fi
}
# try NAME CONDITION...: a command that must succeed.
try() {
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name: $*"; fi
}

expect "the ci suite passes" 0 "report: ci/report.md" "$program" check "$source/suites/ci.toml" --out ci
try "reports are written" test -s ci/report.md -a -s ci/report.json -a -s ci/junit.xml
try "nothing half-written is left" test -z "$(find ci -name '*.tmp')"
before=$(find ci/runs -name '*.safetensors' -printf '%p %T@\n' | sort | sha256sum)
expect "a second check does not train again" 0 "" "$program" check "$source/suites/ci.toml" --out ci
try "the iterates are the same files" test "$before" = "$(find ci/runs -name '*.safetensors' -printf '%p %T@\n' | sort | sha256sum)"
expect "stored runs are judged by their own claims" 0 "G1" "$program" verify ci/runs/* --out again
cp ci/report.md first.md
rm ci/report.md
expect "report renders the folder again" 0 "report: ci/report.md" "$program" report ci
try "the report is the same" cmp -s first.md ci/report.md
expect "a quiet check prints nothing" 0 "" "$program" check "$source/suites/ci.toml" --out ci --quiet

for suite in diverges parallel momentum; do
  expect "known-bad/$suite fails" 1 "exit code 1" "$program" check "$source/suites/known-bad/$suite.toml" --out "bad-$suite"
done
try "momentum is not gradient descent" grep -q "not gradient descent" bad-momentum/report.md
try "the theorem is not applicable" grep -q "not applicable" bad-momentum/report.md

expect "a theorem is shown with source, constants, growth and errata" 0 "n\^4: polynomial" "$program" theorems du2019.res.thm6.1
expect "its source has the arXiv version" 0 "1811.03804v4" "$program" theorems du2019.res.thm6.1
expect "the list has the theorem" 0 "du2018.relu2.thm4.1" "$program" theorems
expect "an unknown theorem suggests the nearest" 2 'did you mean "du2019.fc.thm5.1"' "$program" theorems du2019.fc.thm51

# A flipped bit of a stored weight: refused by its hash; with the hash renewed, the record disagrees.
iterate=$(ls ci/runs/fc-*/iterates/*.safetensors | head -1)
run=$(dirname "$(dirname "$iterate")")
cp -r "$run" flipped
file=flipped/iterates/$(basename "$iterate")
old=$(sha256sum "$file" | cut -d' ' -f1)
size=$(stat -c %s "$file")
# byte 7 of the last weight holds its sign and high exponent bits
printf '\x7f' | dd of="$file" bs=1 seek=$((size - 1)) conv=notrunc status=none
expect "a flipped weight is refused by its hash" 2 "sha256" "$program" verify flipped --out flipped-out
sed -i "s/$old/$(sha256sum "$file" | cut -d' ' -f1)/" flipped/steps.jsonl
expect "with the hash renewed the record disagrees" 1 "records agree" "$program" verify flipped --out flipped-out

cp -r "$run" cut
truncate -s -8 "cut/iterates/$(basename "$iterate")"
expect "a truncated iterate is refused" 2 "safetensors" "$program" verify cut --out cut-out
try "a refused run leaves no report" test ! -e cut-out

bad() {  # bad NAME PATTERN REPLACEMENT: ci.toml with one text replaced
  sed "s/$3/$4/" "$source/suites/ci.toml" >bad.toml
  expect "$1" 2 "$2" "$program" check bad.toml --out refused
  try "nothing was trained for: $1" test ! -e refused
}
bad "an unknown activation suggests the nearest" 'did you mean "softplus"' '"softplus"' '"softpls"'
bad "malformed TOML has its line" 'bad.toml:[0-9]+' 'title = "ci"' 'title = '
bad "an unknown field is refused" 'did you mean "depth"' 'width = 400' 'width = 400, dephth = 1'
bad "a gate with an unknown name is refused" 'did you mean "lambda_min_gram_last' '"parallel_pairs <= 0"' '"lambda_min_gram_lst[k] >= 0"'
bad "a gate about a step that is not recorded is refused" 'loss' '"parallel_pairs <= 0"' '"loss[999999] <= 1"'
bad "a gate about no statement is refused" 'judged statement' '"parallel_pairs <= 0"' '"not contradicted: du2091.fc.*"'
expect "a missing suite is refused" 2 "nowhere.toml" "$program" check nowhere.toml
expect "missing data are refused" 2 "t10k-(images|labels).*cannot be read" "$program" check "$source/suites/mnist.toml" --data "$work" --out refused
mkdir theories
cat >theories/false.toml <<'TOML'
[[theorem]]
id = "mine"
title = "two and two"
source = "none"
provenance = "derived"
kind = "deterministic"
setting = { network = "any", activation = "any", inputs = "any", training = "any", initialisation = "any" }
let = [["four", "2*n"]]
conclusions = [{ id = "c", formula = "four <= 5" }]
example = [{ name = "e", inputs = { n = "2" }, outputs = { four = "5.0" } }]
TOML
expect "a theorem file whose example is false is refused" 2 "four" "$program" theorems --theorems theories
expect "no command is bad input" 2 "" "$program"
expect "an unknown command is bad input" 2 "" "$program" chekc

cp -r "$run" claimed
awk '/"claims": \{/ { print "  \"claims\": 5"; inside = 1 } !inside { print } /^  }/ { inside = 0 }' "$run/run.json" >claimed/run.json
expect "claims that are no table are refused" 2 "claims" "$program" verify claimed --out refused

# Divergence before anything is recorded, and at once.
sed 's/0..20..10/300..400..50/' "$source/suites/known-bad/diverges.toml" >early.toml
expect "a run that diverges before it is recorded fails" 1 "diverged at step" "$program" check early.toml --out early
printf '1,0,1\n0,1,1e200\n' >huge.csv
cat >once.toml <<'TOML'
[[run]]
name = "once"
network = { architecture = "fc", depth = 2, width = 8, activation = "tanh" }
data = { kind = "csv", file = "huge.csv" }
training = { step = 0.1, steps = 4 }
TOML
expect "a run that diverges at once fails" 1 "run once diverged" "$program" check once.toml --out once

expect "an unknown option is one line" 2 "" "$program" check --bogus
try "it is one line" test "$("$program" check --bogus 2>&1 | wc -l)" -eq 1
sed 's/name = "fc"/name = "f\\nc"/' "$source/suites/ci.toml" >broken.toml
try "a line break in a name does not break the message" test "$("$program" check broken.toml --out refused 2>&1 | wc -l)" -eq 1
if [ -e /dev/full ]; then
  expect "a full standard output is no success" 2 "" sh -c "'$program' theorems >/dev/full"
fi
expect "the same run twice is told apart" 0 "fc \\(2\\)" "$program" verify "$run" "$run" --out twice

# eigen
printf '2,-1,0\n-1,2,-1\n0,-1,2\n' >toeplitz.csv
expect "eigen encloses a small matrix" 0 "^lambda_min +\[0\.5857864376269" "$program" eigen toeplitz.csv
expect "eigen prints JSON" 0 '"lambda_max": *\[' sh -c "'$program' eigen toeplitz.csv --json | tr -d '\n'"
expect "the bounds are decimal strings" 0 '"3\.41421356237309' "$program" eigen toeplitz.csv --json
printf '1,1\n1,1\n' >singular.csv
expect "an exact null vector decides that lambda_min is 0" 0 "^lambda_min +0$" "$program" eigen singular.csv
printf '1,1,1\n1,1,1\n1,1,1\n' >singular.csv
expect "a matrix that is singular twice is undecided" 3 "undecided" "$program" eigen singular.csv --precision 128
printf '1,2\n2,1\n' >indefinite.csv
expect "an indefinite matrix has a witness" 0 '"witness"' "$program" eigen indefinite.csv --json
expect "and says so" 0 "lambda_min <= -" "$program" eigen indefinite.csv
printf '1,2\n3,1\n' >asymmetric.csv
expect "an asymmetric matrix is bad input" 2 "asymmetric.csv: entry \(0, 1\) is 2, entry \(1, 0\) is 3" "$program" eigen asymmetric.csv
printf '1,2,3\n2,1,3\n' >wide.csv
expect "a matrix that is not square is bad input" 2 "2 x 3, allowed: square" "$program" eigen wide.csv
: >empty.csv
expect "an empty matrix is bad input" 2 "empty" "$program" eigen empty.csv
printf '1,nan\nnan,1\n' >nan.csv
expect "a matrix with NaN is bad input" 2 "nan.csv" "$program" eigen nan.csv
expect "another kind of file is bad input" 2 "npy or" "$program" eigen once.toml
expect "a missing file is bad input" 2 "missing.npy" "$program" eigen missing.npy
expect "a precision out of range is bad input" 2 "precision" "$program" eigen toeplitz.csv --precision 5
printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }" >one.npy
printf '\000\000\000\000\000\000\000\100' >>one.npy
expect "a NumPy file is read exactly" 0 "^lambda_min +\[1.9999999999999999999, 2.0000000000000000001\]$" "$program" eigen one.npy
head -c 128 one.npy >nan.npy && printf '\000\000\000\000\000\000\370\177' >>nan.npy
expect "a NumPy file with NaN is bad input" 2 "nan.npy: entry \(0, 0\) is not finite" "$program" eigen nan.npy
head -c 130 one.npy >short.npy
expect "a truncated NumPy file is bad input" 2 "short.npy: has 2 bytes" "$program" eigen short.npy

# gram
gram() { "$program" gram --cache "" "$@"; }
expect "gram prints a table over H" 0 "^ +6  .* 1[0-9] +(53|128) .*\[" gram --arch fc --activation softplus --depth 2..6..2 --n 6 --d 4
expect "a single depth gives a table that ends with it" 0 "^ +3 " gram --arch resnet --activation erf --depth 3 --n 4
expect "gram prints JSON" 0 '"lambda_min_H2": *\[' sh -c "'$program' gram --cache '' --arch fc --activation erf --depth 2 --n 4 --json | tr -d '\n'"
expect "too few bits leave a depth undecided" 3 "undecided" gram --arch fc --activation softplus --depth 30..30 --n 4 --precision 53
expect "the quickstart's data come from its suite" 0 "inputs of the run fc" gram --suite "$source/suites/ci.toml" --run fc --depth 2
expect "gram without an architecture is bad input" 2 "--arch is needed" gram
expect "gram without an activation is bad input" 2 "--activation is needed" gram --arch fc --depth 2
expect "gram with an unknown activation suggests the nearest" 2 'did you mean "tanh"' gram --arch fc --activation tanhh --depth 2
expect "a ResNet of depth 1 is bad input" 2 "from 2 to 1000" gram --arch resnet --activation tanh --depth 1
expect "a negative c_res is bad input" 2 "c-res" gram --arch resnet --activation tanh --depth 2 --c-res -1
for wrong in nan inf 1e400; do
  expect "c_res = $wrong is bad input" 2 "c-res" gram --arch resnet --activation tanh --depth 2 --c-res $wrong
done
expect "an option that says nothing of this net is bad input" 2 "c-res: allowed for resnet only" gram --arch fc --activation tanh --depth 2 --c-res 0.5
expect "and so is another activation than the net has" 2 "allowed for two_layer_relu: relu" gram --arch two_layer_relu --activation tanh
expect "a list of depths is that list" 0 "^ +4 " sh -c "'$program' gram --cache '' --arch fc --activation erf --depth 2,4 --n 3 | tee list.txt"
try "and nothing more" test "$(grep -c '^ *[0-9]' list.txt)" -eq 2
printf '1,2\n2,4\n1,0\n' >equal.csv
expect "equal inputs have a singular Gram matrix" 0 "^ +2  0 +exact" gram --arch fc --activation tanh --depth 2 --inputs equal.csv
expect "inputs and a suite exclude each other" 2 "excludes" gram --suite s.toml --inputs wide.csv
expect "an unknown run of a suite is bad input" 2 'did you mean "fc"' gram --suite "$source/suites/ci.toml" --run fcc --depth 2
printf '1,2\n0,0\n' >zero.csv
expect "a zero input is bad input" 2 "zero.csv: input 1 has norm 0" gram --arch fc --activation tanh --depth 2 --inputs zero.csv
expect "inputs come from a file" 0 "2 normalised inputs of wide.csv" gram --arch fc --activation tanh --depth 2 --inputs wide.csv
"$program" gram --arch fc --activation softplus --depth 3..3 --n 4 --cache cache --json | grep -v seconds >first.json
try "coefficients are kept" test "$(find cache -type f | wc -l)" -ge 2
"$program" gram --arch fc --activation softplus --depth 3..3 --n 4 --cache cache --json | grep -v seconds >second.json
try "and give the same numbers" cmp first.json second.json

# certify
cat >certify.toml <<'TOML'
[[run]]
name = "certify"
network = { architecture = "fc", depth = 2, width = 100, activation = "tanh" }
data = { kind = "sphere", n = 4, d = 4, labels = "teacher", seed = 1 }
training = { step_fraction = 0.5, steps = 400, seed = 1 }
record = { at = "0..400..50", pairs = false }
TOML
run=$("$program" train certify.toml --out certify)
expect "a late iterate is certified" 0 "Certified.*converges to a global minimum with zero training loss" "$program" certify "$run" --at 400
try "and the certificate stands in the run" test -s "$run/certificate-400.json" -a -s "$run/certificate-400.md"
expect "the initialisation of a narrow net is not, with the reason" 3 "Not certified.*What would help: more steps" "$program" certify "$run" --at 0
try "and leaves no certificate" test ! -e "$run/certificate-0.json"
expect "the sharp bound says which method was binding, and its slack" 0 "^M is that of the method jacobians. M is at most .* times what a search found at these weights .measured, not proved." "$program" certify "$run" --at 400 --sharp
expect "the search is in the certificate, as measured" 0 '"evidence": "measured"' "$program" certify "$run" --at 400 --sharp --json
"$program" certify "$run" --at 0 --quiet
mv "$run/certificate-400.json" "$run/certificate-0.json"
expect "a refusal" 3 "" "$program" certify "$run" --at 0 --quiet
try "removes a certificate of another iterate" test ! -e "$run/certificate-0.json"
"$program" certify "$run" --at 400 --sharp --quiet
expect "of which there is no second opinion yet" 2 "allowed: a certificate without --sharp" "$program" recheck "$run/certificate-400.json" "$run"
"$program" certify "$run" --at 400 --quiet
expect "bisection finds an earlier one" 0 "^certificate: .*/certificate-[1-9][0-9]*.json$" "$program" certify "$run"
expect "the flow is certified without a step size" 0 '"method": "gradient flow"' "$program" certify "$run" --at 400 --flow --json
printf '%s\n' '[run.judge]' 'gates = ["certified"]' 'theorems = ["du2019.fc.thm5.1"]' >>certify.toml
expect "a suite gates on a certificate" 0 "certify +holds +from step" "$program" check certify.toml --out certify
sed 's/gates = \["certified"\]/&\ncertify = 0/' certify.toml >at0.toml
expect "which is undecided where there is none" 3 "certify +undecided +not at step 0" "$program" check at0.toml --out certify
sed 's/gates = \["certified"\]/&\ncertify = 7/' certify.toml >at7.toml
expect "and bad input at a step that will not be stored" 2 "judge.certify: 7" "$program" check at7.toml --out certify
sed 's/steps = 400/steps = 400, momentum = 0.5/' certify.toml >momentum.toml
expect "a run with momentum gets no certificate, which is said before training" 2 "judge.certify: a run with momentum" "$program" check momentum.toml --out momentum
try "so that nothing is trained" test ! -e momentum/runs
sed '/run.judge/,$d' momentum.toml >uncertified.toml
fast=$("$program" train uncertified.toml --out momentum)
expect "nor from the command line" 2 "has momentum 0.5" "$program" certify "$fast" --at 400
printf '1,0,1\n0,1,-1\n' >pairs.csv
cat >pairs.toml <<'TOML'
[[run]]
name = "pairs"
network = { architecture = "fc", depth = 1, width = 60, activation = "tanh" }
data = { kind = "csv", file = "pairs.csv" }
training = { step_fraction = 0.5, steps = 200, seed = 1 }
record = { at = "0,200", pairs = false }
TOML
pairs=$("$program" train pairs.toml --out pairs)
expect "what is proved of a run" 0 "Certified" "$program" certify "$pairs" --at 200
printf '1,0,1\n1,0,-1\n' >pairs.csv
"$program" train pairs.toml --out pairs >/dev/null
try "goes with its data" test ! -e "$pairs/certificate-200.md" -a ! -e "$pairs/certificate-200.json" -a -s "$pairs/run.json"
cp "$run/certificate-400.json" "$pairs/certificate-200.json"
expect "and a refusal" 3 "Not certified" "$program" certify "$pairs" --at 200
try "leaves none of an earlier proof" test ! -e "$pairs/certificate-200.json"
expect "a refusal is printed as JSON" 3 '"certified": false' "$program" certify "$run" --at 0 --json

# recheck
certificate="$run/certificate-400.json"
expect "a certificate is accepted by the second opinion" 0 "^Accepted: [0-9]+ checks" "$program" recheck "$certificate" "$run"
expect "that of the flow too" 0 '"accepted": true' "$program" recheck "$run/certificate-400-flow.json" "$run" --json
expect "quietly it prints nothing" 0 "" "$program" recheck "$certificate" "$run" --quiet
sed -E 's/("residual": *)[0-9.e-]+/\11e-300/' "$certificate" >smaller.json
expect "a smaller residual is rejected" 3 "^/premises/residual +FAILED +claimed" "$program" recheck smaller.json "$run"
expect "and the count says so" 3 "^Rejected: [0-9]+ of [0-9]+ checks failed" "$program" recheck smaller.json "$run"
sed '/"beta_3"/d' "$certificate" >missing.json
expect "a certificate without one of its numbers is bad input" 2 "missing.json: /activation/beta_3: is missing" "$program" recheck missing.json "$run"
try "which is one line" test "$("$program" recheck missing.json "$run" 2>&1 | wc -l)" -eq 1
head -c 500 "$certificate" >cut.json
expect "a certificate that is cut is bad input" 2 "cut.json: " "$program" recheck cut.json "$run"
cp -r "$run" touched
iterate=touched/iterates/$(ls "$run/iterates" | tail -1)
printf '\x3f' | dd of="$iterate" bs=1 seek=$(($(stat -c %s "$iterate") - 1)) conv=notrunc status=none
expect "a weight that was changed is rejected" 3 "^/iterate_sha256 +FAILED" "$program" recheck "$certificate" touched
expect "the help of recheck names its arguments" 0 "CERTIFICATE" "$program" recheck --help
expect "a run that is none is bad input" 2 "run.json: cannot be read" "$program" recheck "$certificate" nowhere

expect "a step that is not stored is bad input" 2 "step 7 is not stored" "$program" certify "$run" --at 7
expect "a word for a step is bad input" 2 "certify: --at" "$program" certify "$run" --at last
expect "the theorems stand beside it" 0 "du2019.fc.thm5.1 .*this net .*fails" "$program" certify "$run" --at 400

sed -e '/run.judge/,$d' -e 's/400/1/g; s/50/1/' certify.toml >short.toml
short=$("$program" train short.toml --out on)
cp -r "$short" short-before
expect "where nothing is certified, training can go on" 0 "Certified.*converges to a global minimum" "$program" certify "$short" --train-on 399
try "which leaves the run as it was" diff -r "$short" short-before
try "and gives the iterates of one longer run" cmp "$(ls on/runs/certify-*/iterates/step-00000400.safetensors)" "$run/iterates/step-00000400.safetensors"
(cd "$short" && "$program" certify . --train-on 199 --quiet)
try "next to the run, from inside it too" test "$(ls on/runs | wc -l)" -eq 3
expect "but not from a step" 2 "certify: --train-on: allowed with --at earliest" "$program" certify "$short" --at 1 --train-on 8

# width
cat >width.toml <<'TOML'
[[run]]
name = "width"
network = { architecture = "fc", depth = 1, width = 300, activation = "tanh", output = "signs" }
data = { kind = "sphere", n = 4, d = 4, labels = "teacher", seed = 1 }
training = { step_fraction = 0.1, steps = 1, seed = 1 }
TOML
expect "the smallest width certified at initialisation is found" 0 "m = [0-9]+\*\* is certified at initialisation; m = [0-9]+ is refused" "$program" width width.toml
expect "beside what the theorems ask for" 0 "du2018.relu2.apriori .*ReLU net .*e[0-9]+" "$program" width width.toml
expect "or none up to a width" 3 "Not certified.*at any width up to 30" "$program" width width.toml --most 30
expect "as JSON" 0 '"method": "du2018.relu2.thm4.1"' "$program" width width.toml --json
expect "of a run that there is" 2 "did you mean \"width\"" "$program" width width.toml --run widht
expect "a width of 0 is bad input" 2 "most" "$program" width width.toml --most 0

mnist=$source/../shared/data/mnist
if [ -f "$mnist/t10k-images-idx3-ubyte.gz" ]; then
  sed -e '/^name = "fc-300"/,/^record/d' -e 's/n = 100/n = 20/; s/width = 512/width = 64/; s/steps = 200/steps = 20/; s/0..200..50/0..20..10/' \
    "$source/suites/mnist.toml" | awk '!(/^\[\[run\]\]/ && seen++)' >mnist.toml
  expect "real digits are trained and judged" 0 "report: mnist" "$program" check mnist.toml --data "$mnist" --out mnist
else
  echo "skipped: the MNIST files are not here"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
