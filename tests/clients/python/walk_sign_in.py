"""Walks the sign-in pages as a person without JavaScript does: follows redirects, fills the form, presses its first submit button."""

from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

import requests

MOST_STEPS = 30
TIMEOUT_SECONDS = 30


def walk_sign_in(start, redirect_uri, email, password, cookies=None):
    """Goes from `start` to `redirect_uri` and returns the URL that carries the authorization response.

    Nothing needs to listen at `redirect_uri`: the walk ends where the browser would leave for it. With the cookies of
    an earlier walk it is the same browser.
    """
    cookies = {} if cookies is None else cookies
    answers = {"email": email, "password": password}
    method, url, fields = "GET", start, None
    for _ in range(MOST_STEPS):
        if leads_to(redirect_uri, url):
            return url
        response = send(method, url, fields, cookies)
        if response.is_redirect:
            method, url, fields = "GET", urljoin(url, response.headers["location"]), None
        else:
            method, url, fields = press_first_button(response, answers)
    raise RuntimeError(f"no redirect to {redirect_uri} within {MOST_STEPS} steps; the last page was {url}")


def leads_to(redirect_uri, url):
    expected, actual = urlsplit(redirect_uri), urlsplit(url)
    return actual[:3] == expected[:3]


def send(method, url, fields, cookies):
    # One host, and `Secure` cookies count on loopback as they do in a browser: a plain dict is jar enough.
    headers = {"Accept": "text/html"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    response = requests.request(method, url, data=fields, headers=headers, allow_redirects=False, timeout=TIMEOUT_SECONDS)
    for line in response.raw.headers.getlist("set-cookie"):
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                cookies.pop(name, None)
            else:
                cookies[name] = morsel.coded_value
    return response


def press_first_button(response, answers):
    """Each answer is given once and taken out of `answers`: a page that asks for it again has refused it."""
    page = Page(response.text)
    form = next((form for form in page.forms if form["button"] is not None), None)
    if form is None:
        raise RuntimeError(f"{response.url} answered {response.status_code} with no form to go on with: {page.words()}")
    fields = []
    for field in form["inputs"]:
        kind = (field.get("type") or "text").lower()
        if kind in ("submit", "button", "image", "reset") or not field.get("name") or "disabled" in field:
            continue
        if kind in ("checkbox", "radio") and "checked" not in field:
            continue
        value = field.get("value", "on" if kind == "checkbox" else "")
        if kind in ("email", "password") and "readonly" not in field:
            if kind not in answers:
                raise RuntimeError(f"{response.url} answered {response.status_code} and asks for the {kind} again: {page.words()}")
            value = answers.pop(kind)
        fields.append((field["name"], value))
    button = form["button"]
    if button.get("name"):
        fields.append((button["name"], button.get("value", "")))
    url = urljoin(response.url, button.get("formaction") or form["attributes"].get("action") or response.url)
    if form["attributes"].get("method", "get").lower() == "post":
        return "POST", url, fields
    return "GET", urlsplit(url)._replace(query=urlencode(fields)).geturl(), None


class Page(HTMLParser):
    """The forms of a page, each with its attributes, its inputs and its first submit button."""

    def __init__(self, html):
        super().__init__()
        self.forms, self._form, self._text, self._hidden = [], None, [], 0
        self.feed(html)

    def words(self):
        return " ".join(" ".join(self._text).split())[:300]

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self._hidden += tag in ("script", "style", "head")
        if tag == "form":
            self._form = {"attributes": attributes, "inputs": [], "button": None}
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "button"):
            if tag == "input":
                self._form["inputs"].append(attributes)
            kind = attributes.get("type", "text" if tag == "input" else "submit").lower()
            if kind == "submit" and self._form["button"] is None:
                self._form["button"] = attributes

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style", "head")
        if tag == "form":
            self._form = None

    def handle_data(self, data):
        if not self._hidden:
            self._text.append(data)
