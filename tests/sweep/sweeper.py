"""A program that runs a sweep until it is done or killed.

    python sweeper.py BASE_URL CELLS [RUN_ID]

It says the run's id on stdout, and ``came N`` as soon as cell N's image is shown.
"""

import os
import sys

import imgwidgets as iw


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main(base_url, cells, run_id=""):
    client = iw.Client("sandbox", base_url=base_url)
    if run_id:
        run = iw.Sweep.resume(run_id, client=client, progress=False)
    else:
        sweep = iw.Sweep("a fox {n}", n=list(range(int(cells))), model="dall-e-2", size="256x256")
        run = sweep.run(client, at_once=8, progress=False)
    run.on_change(lambda index, outcome: say("came", index) if outcome.status == "done" else None)
    say("run", run.id)
    run.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
