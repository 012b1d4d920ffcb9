"""Writes generated/events.json: the bytes of the event file that TensorBoard's own writer makes of a few scalars.

    python3 packages/train/goldens/events.py              writes it
    python3 packages/train/goldens/events.py FOLDER       prints what TensorBoard reads in a run's folder, a line a point

Needs the package tensorboard (pip install tensorboard), without TensorFlow.
"""

import base64
import io
import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

EVENTS = [
    (0, {"train/loss": 12.5, "time/data": 0.001}),
    (10, {"train/loss": -0.1, "größe": 3e38}),
    (3_000_000_000, {"train/loss": float("nan")}),
]
WALL = 1_700_000_000.25


def golden():
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(event_pb2.Event(wall_time=WALL, file_version="brain.Event:2").SerializeToString())
    for step, scalars in EVENTS:
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        event = event_pb2.Event(wall_time=WALL, step=step, summary=summary_pb2.Summary(value=values))
        writer.write(event.SerializeToString())
    return {
        "wall": WALL,
        "events": [[step, [[tag, str(value)] for tag, value in scalars.items()]] for step, scalars in EVENTS],
        "file": base64.b64encode(file.getvalue()).decode(),
    }


if len(sys.argv) > 1:
    read = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
    read.Reload()
    for tag in read.Tags()["scalars"]:
        for event in read.Scalars(tag):
            print(tag, event.step, event.value)
else:
    path = Path(__file__).resolve().parent / "generated" / "events.json"
    path.write_text(json.dumps(golden(), ensure_ascii=False) + "\n")
