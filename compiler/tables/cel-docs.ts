/**
 * One line about each function of CEL and each macro, in our words: what it does, for completion and hover. `name text`
 * per line. Source: the CEL language definition (cel-spec v0.25.1) and cel-go's extension libraries.
 */
const functionLines = `
all whether the condition holds for every element, or every key of a map
bool a text as a truth value: true, false, 1, 0, t, f
bytes a text as its bytes in UTF-8
charAt the character at a position, from 0
contains whether the text holds the other one
double the number as a floating-point number
duration a length of time from a text such as 1h30m
dyn the same value, of a type that is not checked
endsWith whether the text ends with the other one
exists whether the condition holds for some element, or some key of a map
existsOne whether the condition holds for exactly one element
exists_one whether the condition holds for exactly one element
filter the elements for which the condition holds
format the text with each %s, %d and the like replaced by a value of the list
getDate the day of the month, from 1
getDayOfMonth the day of the month, from 0
getDayOfWeek the day of the week, from 0 on Sunday
getDayOfYear the day of the year, from 0
getFullYear the year
getHours the hour; of a duration all its hours
getMilliseconds the milliseconds within the second
getMinutes the minute; of a duration all its minutes
getMonth the month, from 0
getSeconds the second; of a duration all its seconds
has whether the field is there
hasValue whether the optional holds a value
indexOf where the other text first stands, from 0; -1 where it does not
int the value as a whole number; of an instant its Unix seconds
join the texts of the list in one, with the separator between
lastIndexOf where the other text last stands, from 0; -1 where it does not
lowerAscii the text with A to Z in small letters
map what the expression gives for each element, where a condition is given for those it holds for
matches whether the regular expression (RE2) matches some part of the text
optFlatMap what the expression, an optional itself, gives for the value of the optional; none without one
optMap what the expression gives for the value of the optional; none without one
optional.none an optional without a value
optional.of an optional with this value
optional.ofNonZeroValue an optional with this value, or without one where it is 0, empty or false
or this optional where it holds a value, else the other one
orValue the value of the optional, or the other value without one
queryMap the parameters of a query as a map
replace the text with occurrences of one text replaced by another, all or as many as the number says
requestBodyJSON the value at a JSON pointer in the body of the request
responseBodyJSON the value at a JSON pointer in the body of the response
reverse the text backwards
size the number of characters, bytes, elements or entries
split the parts of the text between separators, at most as many as the number says
startsWith whether the text begins with the other one
string the value as text
strings.quote the text in quotes, with escapes
substring the part of the text from one position to before another, from 0
timestamp an instant from a text in RFC 3339, or from Unix seconds
trim the text without white space at its ends
type the type of the value
uint the number as a whole number that is not negative
upperAscii the text with a to z in capitals
value the value of the optional; an error without one
`;

/** The same about the attributes of requests that Kuadrant knows. Source: its RFC 0002, "Well-known attributes". */
const attributeLines = `
auth what the AuthPolicy found out
auth.authorization what the authorization rules answered
auth.callbacks what the callbacks answered
auth.identity who the caller is, as the authentication rule that held gives it
auth.metadata what was fetched from elsewhere
auth.response what is handed on
connection the connection from the client
connection.id the number of the connection in the gateway
connection.mtls whether the client showed a certificate that was verified
connection.requested_server_name the server name of the TLS handshake
connection.tls_version the version of TLS
destination the listener that took the request
destination.address the address that the request came to
destination.port the port that the request came to
filter_state what other filters of the gateway left
metadata dynamic metadata of the gateway's filters
ratelimit what the rate limiter is asked
ratelimit.domain the name space of the limits
ratelimit.hits_addend what the request adds to the counters
request the request
request.body the body as text
request.context_extensions what the gateway's configuration says of the route
request.headers the headers, by their names in small letters
request.host the host that was asked for
request.id the number of the request, as in the header x-request-id
request.method the method, in capitals
request.path the path with the query
request.protocol the version of HTTP
request.query the query without its question mark
request.raw_body the body as bytes
request.referer the header referer
request.scheme http or https
request.size the length of the body in bytes
request.time when the first byte came
request.url_path the path without the query
request.useragent the header user-agent
source who sends the request
source.address the address of the client
source.port the port of the client
source.principal the identity in the client's certificate
`;

let functions: ReadonlyMap<string, string> | undefined;
let attributes: ReadonlyMap<string, string> | undefined;

/** What a function or macro does, in one line. */
export function celFunctionDoc(name: string): string | undefined {
  functions ??= decode(functionLines);
  return functions.get(name);
}

/** What an attribute is, by its dotted path. */
export function celAttributeDoc(path: string): string | undefined {
  attributes ??= decode(attributeLines);
  return attributes.get(path);
}

function decode(lines: string): ReadonlyMap<string, string> {
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => {
        const blank = line.indexOf(' ');
        return [line.slice(0, blank), line.slice(blank + 1)];
      }),
  );
}
