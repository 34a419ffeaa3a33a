"""What Streamlit runs, anew for each change."""

from ui.chat.page import page

page()
