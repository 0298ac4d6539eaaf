"""nginx before the servers: what a proxy has to do so that streams pass and nothing is counted twice."""

import json
from collections.abc import Sequence
from pathlib import Path

from arw_site.run.cluster.ports import answers
from arw_site.run.cluster.programs import PROXY
from arw_site.run.folder import write_private
from arw_site.run.listener import HOST

AWAY = {
    "type": "about:blank",
    "title": "Servers Unavailable",
    "status": 503,
    "detail": "no server of the cluster answers; try again",
    "instance": None,
    "trace_id": None,
    "code": "servers_unavailable",
}

# - Streams: nothing is buffered, and a stream may be silent for long. POSTs are not sent twice: only
#   a server that could not be reached at all is passed over for the other one.
# - Bodies are not spooled to disk and not bounded here: the servers have their own limits, and say
#   so in their own words.
# - /metrics is each node's own.
TEMPLATE = """\
worker_processes 1;
daemon off;
pid "{home}/nginx.pid";
error_log "{home}/error.log" crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path "{home}/body";
  proxy_temp_path "{home}/proxied";
  fastcgi_temp_path "{home}/fastcgi";
  uwsgi_temp_path "{home}/uwsgi";
  scgi_temp_path "{home}/scgi";
  map $http_upgrade $connection_wanted {{ default upgrade; '' ''; }}
  upstream servers {{
{servers}
    keepalive 64;
  }}
  server {{
    listen {host}:{port} backlog=2048;
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_wanted;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_max_temp_file_size 0;
    proxy_connect_timeout 2s;
    proxy_read_timeout 1h;
    proxy_send_timeout 1h;
    proxy_next_upstream error timeout;
    error_page 502 504 @away;
    location / {{ proxy_pass http://servers; }}
    location = /metrics {{
      default_type text/plain;
      return 404 "Scrape the nodes, each for itself.\\n";
    }}
    location @away {{
      default_type application/problem+json;
      add_header Retry-After 1 always;
      return 503 '{away}';
    }}
  }}
}}
"""


class Proxy:
    """Listens on `port` and hands requests to the servers on `nodes`."""

    def __init__(self, folder: Path, port: int, nodes: Sequence[int]) -> None:
        self.home = folder / "nginx"
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.port = port
        self.config = self.home / "nginx.conf"
        write_private(self.config, configuration(self.home, port, nodes))

    @property
    def command(self) -> list[str]:
        error_log = str(self.home / "error.log")
        return [str(PROXY.find()[0]), "-e", error_log, "-p", str(self.home), "-c", str(self.config)]

    def answers(self) -> bool:
        return answers(self.port)


def configuration(home: Path, port: int, nodes: Sequence[int]) -> str:
    servers = [f"    server {HOST}:{node} max_fails=1 fail_timeout=2s;" for node in nodes]
    return TEMPLATE.format(
        home=home,
        host=HOST,
        port=port,
        servers="\n".join(servers),
        away=json.dumps(AWAY),
    )
