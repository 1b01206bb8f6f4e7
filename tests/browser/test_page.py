"""The page in a real browser, with a scripted bot behind the local Telegram."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.telegram import Running

pytestmark = pytest.mark.browser
EMILY, LAYLA, GROUP = 0, 3, 5
OpenPage = Callable[..., Page]


@pytest.fixture
def page(chromium: Browser, stage: Running) -> Iterator[OpenPage]:
    """Opens pages of a given size; fails on any error in them and on any request that leaves the machine."""
    contexts, troubles = [], []

    def opened(width: int = 1440, height: int = 900, scheme: str = "light", persona: int = EMILY) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        context.grant_permissions(["clipboard-write"])
        made = context.new_page()
        made.on("pageerror", lambda error: troubles.append(str(error)))
        made.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        made.on("request", lambda request: None if request.url.startswith(stage.url) else troubles.append(request.url))
        made.goto(stage.url)
        made.locator("body[data-ready=yes]").wait_for()
        choose(made, persona)
        return made

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def choose(page: Page, persona: int) -> None:
    """Clicks a patient and waits until the chat is open."""
    button = page.locator("nav button").nth(persona)
    button.click()
    page.locator(f"body[data-chat='{button.get_attribute('data-chat')}']").wait_for()


def write(page: Page, text: str) -> None:
    """Types a message and sends it with Enter; presses the start button first when there is one."""
    if page.locator("#start").count():
        page.locator("#start").click()
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def test_the_first_screen_explains_itself(page: OpenPage) -> None:
    first = page(persona=1)
    sentences = first.locator("#about span").all_inner_texts()
    assert len(sentences) == 2
    assert all(text.strip().endswith(".") for text in sentences)
    expect(first.locator("#insight")).to_contain_text("Nothing yet")
    expect(first.locator(".intro .own")).to_have_text("I answer questions about sweating. Doctors watch over me.")
    expect(first.locator("nav button")).to_have_count(6)
    kinds = first.locator(".examples .kind").all_inner_texts()
    assert {"Everyday question", "A specialist decides", "Emergency · nobody is called"} <= set(kinds)


def test_a_conversation_with_buttons_and_what_happened(page: OpenPage) -> None:
    emily = page()
    emily.locator("#start").click()
    expect(emily.locator(".message:not(.mine) .text").last).to_contain_text("May I keep")
    emily.get_by_role("button", name="I agree").click()
    expect(emily.locator("#toast")).to_have_text("Thank you")
    expect(emily.locator(".message:not(.mine) .text").last).to_have_text("Thank you. Ask me anything about sweating.")
    emily.locator(".examples button.safe").first.click()
    expect(emily.locator(".typing")).to_be_visible()
    expect(emily.locator("#chat-status")).to_have_text("typing…")
    expect(emily.locator(".message:not(.mine) .text b").last).to_have_text("It is put on dry skin in the evening.")
    expect(emily.locator(".typing")).to_have_count(0)
    insight = emily.locator("#insight")
    expect(insight).to_contain_text("Answered, to be reviewed")
    expect(insight).to_contain_text("No clinician has signed this passage yet")
    expect(insight.get_by_role("link", name="Leaflet for patients").first).to_be_visible()
    expect(insight.locator("meter")).to_have_count(7)
    expect(emily.locator(".mine").last).to_contain_text("received by the bot")
    emily.reload()
    expect(emily.locator(".mine").last).to_contain_text("aluminium")
    expect(insight).to_contain_text("Answered, to be reviewed")


def test_a_held_case_says_that_a_specialist_would_decide(page: OpenPage) -> None:
    emily = page()
    emily.locator(".examples button.held").click()
    expect(emily.locator(".decision h3")).to_have_text("A specialist would decide here")
    expect(emily.locator(".card.waiting")).to_contain_text("Waits for a specialist")
    expect(emily.locator(".message:not(.mine) .quote").last).to_contain_text("I am pregnant")


def test_an_emergency_is_plain_and_calls_nobody(page: OpenPage) -> None:
    emily = page()
    emily.locator(".examples button.emergency").click()
    expect(emily.locator(".decision")).to_contain_text("In this sandbox nobody is called")
    expect(emily.get_by_role("button", name="I am safe").last).to_be_visible()


def test_everything_by_keyboard(page: OpenPage) -> None:
    emily = page()
    write(emily, "first line")
    field = emily.locator("#text")
    expect(field).to_be_focused()
    emily.keyboard.type("one")
    emily.keyboard.press("Shift+Enter")
    emily.keyboard.type("two")
    emily.keyboard.press("Enter")
    expect(emily.locator(".mine .text").last).to_have_text("one\ntwo", use_inner_text=True)
    emily.keyboard.press("ArrowUp")
    expect(field).to_have_value("one\ntwo")
    field.fill("three")
    emily.keyboard.press("Enter")
    expect(emily.locator(".mine .bubble").last).to_contain_text("edited")
    expect(emily.locator(".mine .text").last).to_have_text("three")
    emily.keyboard.press("ArrowUp")
    emily.keyboard.press("Escape")
    expect(field).to_have_value("")
    emily.keyboard.type("/he")
    expect(emily.locator(".menu button")).to_have_count(1)
    emily.keyboard.press("Escape")
    expect(emily.locator(".menu")).to_have_count(0)
    field.fill("")
    emily.locator(".message .bubble").first.focus()
    emily.keyboard.press("Enter")
    expect(emily.locator(".message.selected")).to_have_count(1)


def test_replies_quote_what_they_answer(page: OpenPage) -> None:
    emily = page()
    write(emily, "to be quoted")
    expect(emily.locator("#messages > li").last).to_contain_text("Not yet checked")
    bubble = emily.locator(".mine .bubble", has_text="to be quoted").last
    bubble.focus()  # by keyboard: a message that arrives may move the list away from under a pointer
    bubble.get_by_role("button", name="Reply").click()
    write(emily, "an answer to myself")
    expect(emily.locator(".mine", has_text="an answer to myself").last.locator(".quote")).to_contain_text(
        "to be quoted"
    )


def test_what_people_write_is_never_markup(page: OpenPage) -> None:
    emily = page()
    write(emily, "<img src=x onerror=\"document.title='broken'\"><b>hi</b>")
    expect(emily.locator(".mine .text").last).to_contain_text("<b>hi</b>")
    assert emily.locator("#messages img").count() == 0
    assert emily.title() != "broken"


def test_right_to_left(page: OpenPage) -> None:
    layla = page(persona=LAYLA)
    expect(layla.locator("#chat")).to_have_attribute("dir", "rtl")
    write(layla, "ما هو فرط التعرق؟")
    bubble, name = layla.locator(".mine .bubble").last, layla.locator("#chat-title")
    expect(bubble).to_be_visible()
    middle = layla.locator("#chat").bounding_box()
    box, title = bubble.bounding_box(), name.bounding_box()
    assert middle and box and title
    assert box["x"] + box["width"] / 2 < middle["x"] + middle["width"] / 2
    assert title["x"] + title["width"] > middle["x"] + middle["width"] * 0.8
    expect(layla.locator("#text")).to_have_attribute("placeholder", "رسالة")
    layla.locator("#text").fill("/")
    expect(layla.locator(".menu")).to_contain_text("مساعدة")


def test_a_phone(page: OpenPage) -> None:
    phone = page(360, 740, persona=2)
    expect(phone.locator(".intro")).to_contain_text("Choose a patient")
    phone.locator("#start").click()
    phone.locator(".examples button.held").click()
    expect(phone.locator(".message:not(.mine) .text").last).to_contain_text("specialist")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.locator("#show-insight").click()
    expect(phone.locator(".decision h3")).to_be_in_viewport()
    expect(phone.locator("#hide-insight")).to_be_focused()
    phone.keyboard.press("Escape")
    expect(phone.locator("#insight")).to_be_hidden()


def test_a_group(page: OpenPage) -> None:
    group = page(persona=GROUP)
    group.get_by_role("button", name="Jonas", exact=True).last.click()
    write(group, "hello all")
    expect(group.locator(".mine").last).to_contain_text("hello all")
    group.get_by_role("button", name="Emily", exact=True).last.click()
    expect(group.locator(".message", has_text="hello all").last.locator(".sender")).to_have_text("Jonas")


def test_a_link_to_the_bot_opens_ones_own_chat(page: OpenPage, stage: Running) -> None:
    group = page(persona=GROUP)
    number = next(chat["id"] for chat in stage.client.state()["chats"] if chat["type"] == "group")
    body = json.dumps(
        {"chat_id": number, "text": "Write me privately: https://t.me/llm4sweat_bot?start=group"}
    ).encode()
    address = f"{stage.api_url}{stage.token}/sendMessage"
    urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/json"})).close()
    group.get_by_role("link", name="https://t.me/llm4sweat_bot").last.click()
    expect(group.locator("nav button").nth(EMILY)).to_have_attribute("aria-current", "true")


def test_light_and_dark_are_kept(page: OpenPage) -> None:
    emily = page(scheme="dark")
    expect(emily.locator("body")).to_have_css("background-color", "rgb(12, 20, 29)")
    emily.locator("#theme").click()
    emily.reload()
    expect(emily.locator("body")).to_have_css("background-color", "rgb(238, 242, 245)")


def _light(colour: str) -> float:
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_and_buttons_have_names(page: OpenPage, scheme: str) -> None:
    emily = page(scheme=scheme)
    emily.locator(".examples button.held").click()
    expect(emily.locator(".decision h3")).to_be_visible()
    for selector in (
        "#about",
        ".people .who span",
        ".mine .text",
        ".mine .meta",
        ".decision h3",
        ".decision p",
        ".kind",
    ):
        pair: list[str] = emily.locator(selector).last.evaluate(
            """(element) => {
                let below = element, colour = "rgba(0, 0, 0, 0)";
                for (; below && colour === "rgba(0, 0, 0, 0)"; below = below.parentElement) colour = getComputedStyle(below).backgroundColor;
                return [getComputedStyle(element).color, colour];
            }"""
        )
        bright, dim = sorted((_light(colour) for colour in pair), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (selector, pair)
    nameless: Any = emily.evaluate(
        "[...document.querySelectorAll('button')].filter(b => !b.hidden && !b.innerText.trim() && !b.ariaLabel && !b.title).length"
    )
    assert nameless == 0


def test_the_page_comes_back_after_the_server(chromium: Browser, tmp_path: Any) -> None:
    from sandbox.telegram import start

    running = start("--page", "--no-limits", data_dir=tmp_path)
    port = int(running.url.rpartition(":")[2])
    context = chromium.new_context()
    emily = context.new_page()
    emily.goto(running.url)
    emily.locator("body[data-ready=yes]").wait_for()
    write(emily, "before")
    expect(emily.locator(".mine .text").last).to_have_text("before")
    expect(emily.locator("#insight")).to_contain_text("No product is connected")
    running.stop()
    expect(emily.locator("#toast")).to_contain_text("connection to the sandbox is lost")
    with start("--page", "--no-limits", data_dir=tmp_path, port=port):
        expect(emily.locator("#toast")).to_contain_text("Connected again", timeout=15_000)
        write(emily, "after")
        expect(emily.locator(".mine .text").last).to_have_text("after")
        expect(emily.locator(".mine .text").nth(-2)).to_have_text("before")
        context.close()
