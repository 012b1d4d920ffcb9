#!/bin/sh
# Enrols a person by a photograph, and asks who is in another: sh people.sh http://127.0.0.1:8000 ada.jpg door.jpg
set -eu
url=$1 ada=$2 door=$3
key=${ARCFACE_KEY-} # as arcface keys create has printed it; an open server on this machine needs none

api() { curl --silent --show-error --fail-with-body ${key:+--header "x-api-key: $key"} "$@"; }
api "$url/v1/galleries" --json '{"name": "staff"}'
api "$url/v1/galleries/staff/people/Ada/faces" --form "photo=@$ada"
api "$url/v1/galleries/staff/identify?faces=largest" --form "photo=@$door"
api "$url/v1/galleries/staff/people/Ada/verify" --form "photo=@$door"
api "$url/v1/galleries/staff/people/Ada" --request DELETE
