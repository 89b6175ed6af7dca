"""The same task by datasketch: each text joins the first of the group that it is most like, else begins one.

    minhash.py TEXTS FIRSTS PER_MILLE

Reads one text a line; writes for each the place of the first text of its group, then prints seconds and bytes.
"""

import resource
import sys
import time
import unicodedata

from datasketch import MinHash, MinHashLSH


def pairs(text):
    """The pairs of neighbouring letters and digits, as the program that it stands beside takes them."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
    return [text[at : at + 2].encode() for at in range(len(text) - 1)] or [text.encode()]


def main():
    source, target, least = sys.argv[1], sys.argv[2], int(sys.argv[3]) / 1000
    texts = open(source, encoding="utf-8").read().splitlines()
    begun = time.perf_counter()
    index, firsts, sketches = MinHashLSH(threshold=least, num_perm=128), [], {}
    for place, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch(pairs(text))
        found = [(sketch.jaccard(sketches[first]), -first) for first in index.query(sketch)]
        likeness, first = max(found, default=(0, 0))
        if likeness >= least:
            firsts.append(-first)
        else:
            firsts.append(place)
            index.insert(place, sketch)
            sketches[place] = sketch
    took = time.perf_counter() - begun
    open(target, "w").write("\n".join(map(str, firsts)))
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


main()
