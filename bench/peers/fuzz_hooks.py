"""Bodies and answers that schemathesis does not know by itself: files."""

import schemathesis

for media_type in ("application/jsonl", "application/vnd.apache.parquet", "application/zip"):

    @schemathesis.serializer(media_type)
    def as_bytes(_, value):
        return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


for media_type in ("image/jpeg", "text/event-stream"):

    @schemathesis.deserializer(media_type)
    def as_text(_, response):
        return response.content.decode("latin-1")
