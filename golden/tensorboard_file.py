"""Golden bytes of a TensorBoard event file, written by tensorboardX and not by us.

    python3 -m venv /tmp/tb && /tmp/tb/bin/pip install tensorboardX==2.6.5 tensorboard==2.21.0
    /tmp/tb/bin/python golden/tensorboard_file.py write ground/events/tests/golden.tfevents
    /tmp/tb/bin/python golden/tensorboard_file.py read FOLDER     # what TensorBoard itself finds in a folder of ours

`ground/events/tests/tensorboard.rs` tells our sink the same events and compares the bytes.
"""

import sys

START = 1764000000.25

# (seconds after the start, step, [(tag, value)]): two optimizer steps, a finished stage, a score, and one at step 0
EVENTS = [
    (0.5, 0, [("eval/accuracy on game24/test", 0.084)]),
    (1.0, 1, [("train/loss", 2.5), ("train/grad_norm", 1.25), ("train/learning_rate", 3e-4), ("train/num_tokens", 4096)]),
    (1.5, 2, [("train/loss", float("nan")), ("train/grad_norm", 0.0), ("train/learning_rate", 1e-5), ("train/num_tokens", 8192)]),
    (2.0, 300, [("check/solved", 312), ("check/tasks", 1162)]),
    (2.5, 300, [("eval/pass@16 on game24/test", -0.5)]),
]


def write(path):
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary
    from tensorboardX.record_writer import RecordWriter

    open(path, "wb").close()
    writer = RecordWriter(path)
    writer.write(Event(wall_time=START, file_version="brain.Event:2").SerializeToString())
    for seconds, step, scalars in EVENTS:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars]
        event = Event(wall_time=START + seconds, step=step, summary=Summary(value=values))
        writer.write(event.SerializeToString())
    writer.close()


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(folder)
    found.Reload()
    for tag in found.Tags()["scalars"]:
        for scalar in found.Scalars(tag):
            print(f"{scalar.wall_time:.6f} {scalar.step} {tag} {scalar.value}")


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
