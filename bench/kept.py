"""What long benches keep: figures that were measured already, and what a part of a bench took."""
import hashlib
import json
import os
import resource
import time


def digest(path):
    """Of a program: figures of another build are not its own."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()[:12]


class Taken:
    """Wall time, and processor time of this process and its children."""

    @staticmethod
    def now():
        used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return time.perf_counter(), sum(u.ru_utime + u.ru_stime for u in used)

    def __enter__(self):
        self.begin = self.now()
        return self

    def __exit__(self, *_):
        self.end = self.now()

    def figures(self):
        return {"seconds": self.end[0] - self.begin[0], "cpu": self.end[1] - self.begin[1]}


class Kept:
    """Figures that were measured already, one a line of a file: a bench that was stopped goes on where it was."""

    def __init__(self, path):
        self.path, self.known = path, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in map(json.loads, f):
                    self.known[line["of"]] = line["figures"]

    def get(self, of, make):
        if of not in self.known:
            self.known[of] = make()
            with open(self.path, "a", encoding="utf-8") as f:
                f.write(json.dumps({"of": of, "figures": self.known[of]}) + "\n")
        return self.known[of]
