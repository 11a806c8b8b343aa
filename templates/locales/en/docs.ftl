# The manual of the API. What routes and fields mean comes from the code.
docs-api-title = The API
docs-api-lead = Everything that people do here, programs can do too.
docs-api-who = A program shows an API key, or an access token made for this server’s /v2, in the Authorization header and nowhere else. Keys and tokens are ceilings: whatever their scopes say, they do no more than their owner may at that moment.
docs-api-shape = Bodies and answers are JSON. A change is a merge patch (RFC 7396): what it leaves out stays. A list comes in pages; its next_cursor leads on. An ETag with If-Match keeps two from overwriting each other, and an Idempotency-Key keeps one from doing something twice.
docs-api-machine = The same for machines, as OpenAPI 3.1
docs-api-contents = Contents
docs-api-takes = Takes
docs-api-required = required
docs-api-things = What bodies and answers are made of
docs-api-problems = What can go wrong
docs-api-problems-lead = Every refusal is a problem (RFC 9457) with one of these codes, and with a trace_id that finds it in the log.
