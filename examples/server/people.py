"""Enrols a person by a photograph, and asks who is in another: python3 people.py http://127.0.0.1:8000 ada.jpg door.jpg"""
import os
import sys

import requests

url, ada, door = sys.argv[1:]
api = requests.Session()
api.headers["x-api-key"] = os.environ.get("ARCFACE_KEY", "")

api.post(f"{url}/v1/galleries", json={"name": "visitors"}).raise_for_status()
with open(ada, "rb") as photo:
    api.post(f"{url}/v1/galleries/visitors/people/Ada/faces", files={"photo": photo}).raise_for_status()
with open(door, "rb") as photo:
    answer = api.post(f"{url}/v1/galleries/visitors/identify", files={"photo": photo})
if not answer.ok:  # a problem document: code, detail, and often a hint
    sys.exit(f"{answer.json()['code']}: {answer.json()['detail']}")
for face in answer.json()["photos"][0]["faces"]:
    names = [match["name"] for match in face["matches"]]
    print(names or "a stranger", face["threshold"], face["fpir"])
