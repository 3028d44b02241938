-- wrk: ask for one path after another from a file, over kept connections.
-- Arguments after "--": the file, then headers "Name: value" for every request. A line of the file is a path,
-- after it, divided by tabs, headers of this request alone.
local asked, number = {}, 0

local function put_header(headers, line)
  local name, value = line:match("^([^:]+): (.*)$")
  headers[name] = value
end

function init(args)
  local common = {["Host"] = wrk.host .. ":" .. wrk.port}
  for i = 2, #args do
    put_header(common, args[i])
  end
  for line in io.lines(args[1]) do
    local headers, path = {}, nil
    for name, value in pairs(common) do
      headers[name] = value
    end
    for part in line:gmatch("[^\t]+") do
      if path == nil then path = part else put_header(headers, part) end
    end
    asked[#asked + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  number = number % #asked + 1
  return asked[number]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "bad_status": %d, "broken": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write + e.timeout))
end
