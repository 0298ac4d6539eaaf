-- Asks for the paths of a file in turn, and prints what came of it as one line of JSON.
-- Arguments: the file, the bearer token.

local requests, at = {}, 0

function init(arguments)
  wrk.headers["Authorization"] = "Bearer " .. arguments[2]
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"p99":%d,"wrong":%d}\n',
    summary.requests, summary.duration, latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
